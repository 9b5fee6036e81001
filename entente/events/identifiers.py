"""What identifies a person, and what only looks as if it did.

Senders put ``null``, ``undefined`` or ``guest`` where an identifier is missing; to join people by those would make one
person of strangers. A role mailbox (``info@``) belongs to an account: it is kept as a trait, but nobody is joined by
it. Pure: no Django here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from email_validator import EmailNotValidError, validate_email

LONGEST: Final = 255
"""Characters; a longer text is no identifier. (PostgreSQL cannot index a text of more than 2,700 bytes.)"""

_WORDS_FOR_NOTHING: Final = """
    null undefined none nil nan n/a na void true false anonymous anon guest unknown unidentified not_set notset -1 {} []
"""
NEVER: Final = frozenset(_WORDS_FOR_NOTHING.split()) | {
    "", "[object object]", "[object undefined]", "(not set)", "not set", '""', "''"
}  # fmt: skip

_FUNCTIONS: Final = """
    abuse admin administracion administration administrator atencion atencioncliente atencionalcliente billing buzon
    careers clientes comercial compras compliance comunicacion contabilidad contact contacto contacta correo customer
    customerservice datos direccion dpo empleo enquiries enquiry facturacion facturas feedback finance finanzas
    formacion gerencia hello help helpdesk hola hostmaster hr info informacion information inquiries it jobs legal
    mail mailer-daemon marketing media news newsletter no-reply no_reply nobody noreply no-responder office oficina
    orders pedidos postmaster prensa press privacidad privacy proveedores purchasing recepcion reception
    recursoshumanos root rrhh sales secretaria security seguridad servicio service shop soporte spam support
    suscripciones team tech tienda usenet uucp ventas web webmaster
"""
ROLES: Final = frozenset(_FUNCTIONS.split())
"""The local parts (before the @) that name a function of a company, in English and Spanish."""

_ZEROES: Final = re.compile(r"[0\-_.:{}\s]*")
_PLAIN: Final = re.compile(
    r"[a-z0-9_'+&/=?^{}~*#!$%`|-]+(?:\.[a-z0-9_'+&/=?^{}~*#!$%`|-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
)


def clean_identifier(value: object) -> str | None:
    """The identifier in ``value``, a text without blanks around it; None when it identifies nobody.

    A whole number counts as its digits. Case is kept: two user ids that differ in case are two.
    """
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return _clean(str(value)) if abs(value) < 10**30 else None


@lru_cache(maxsize=65_536)
def _clean(given: str) -> str | None:
    text = given.strip()
    if len(text) > LONGEST or text.lower() in NEVER or _ZEROES.fullmatch(text):
        return None
    return text


def clean_email(value: object) -> str | None:
    """The e-mail address in ``value``, normalised so that equal addresses are equal texts; None when it is none.

    Lower case; an international domain in Unicode. Whether the domain exists is not asked.
    """
    return _clean_address(value) if isinstance(value, str) else None


@lru_cache(maxsize=65_536)
def _clean_address(given: str) -> str | None:
    text = given.strip()
    text = text[7:] if text[:7].lower() == "mailto:" else text
    lower = text.lower()
    if len(lower) > LONGEST:
        return None
    if lower.isascii() and "xn--" not in lower and len(lower.partition("@")[0]) <= 64 and _PLAIN.fullmatch(lower):
        return lower  # nineteen of twenty addresses, at a twentieth of the validator's time
    try:
        parsed = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except (EmailNotValidError, UnicodeError):
        return None
    return parsed.normalized.lower() if "." in parsed.domain else None


def is_role_mailbox(email: str) -> bool:
    """Whether a normalised address is that of a function (``info@``, ``ventas+web@``) rather than of a person."""
    return email.partition("@")[0].partition("+")[0] in ROLES


def personal_email(email: str | None) -> str | None:
    """The normalised address when it identifies a person, else None."""
    return email if email and not is_role_mailbox(email) else None


def identity_of(user_id: str | None, email: str | None, anonymous_id: str | None) -> str | None:
    """The identifier by which a person is found: user id, then e-mail, then anonymous id; None when there is none.

    Takes raw or cleaned values. A role mailbox is skipped.
    """
    if user := clean_identifier(user_id):
        return f"user:{user}"
    if address := personal_email(clean_email(email)):
        return f"email:{address}"
    if anonymous := clean_identifier(anonymous_id):
        return f"anon:{anonymous}"
    return None


class Previous(NamedTuple):
    """What the previous id of an alias call may be: a user id, an anonymous id, and an e-mail if it is one."""

    user: str
    anonymous: str
    email: str | None

    @property
    def all(self) -> list[str]:
        return [identifier for identifier in self if identifier]


def named_by_alias(previous: object) -> Previous | None:
    """The identifiers that ``previousId`` of an alias call may stand for; None when it is no identifier."""
    text = clean_identifier(previous)
    if text is None:
        return None
    email = personal_email(clean_email(text))
    return Previous(f"user:{text}", f"anon:{text}", email and f"email:{email}")
