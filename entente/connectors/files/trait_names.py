"""Traits that every agreement speaks of by one name, whatever the export calls them.

The trait keeps its header as its name too, since that is what people see in the file and in the audit.
"""

from __future__ import annotations

from typing import Final

from entente.connectors.files.headers import normal

PERSON: Final[dict[str, str]] = {
    "title": "title; job title; position; role; cargo; puesto; puesto de trabajo; titulo del puesto; posicion; funcion",
    "country": "country; country region; pais; pais region; mailing country; billing country; address country",
    "city": "city; ciudad; localidad; poblacion; municipio; mailing city; billing city",
    "state": "state; state region; province; provincia; comunidad; mailing state; billing state; estado region",
    "language": "language; preferred language; idioma; idioma preferido",
}
ACCOUNT: Final[dict[str, str]] = {
    "industry": "industry; sector; industria; sector de actividad; actividad; vertical",
    "employees": "employees; number of employees; no of employees; employee count; company size; empleados; "
    "numero de empleados; n de empleados; num empleados; tamano de la empresa; plantilla; no employees",
    "revenue": "annual revenue; company revenue; ingresos anuales; facturacion anual",
    "website": "website; web site; company website; website url; sitio web; web; pagina web; url del sitio web",
    "domain": "domain; company domain; company domain name; dominio; nombre de dominio de la empresa",
}


def _by_header(names: dict[str, str]) -> dict[str, str]:
    return {header.strip(): name for name, headers in names.items() for header in headers.split(";")}


_PERSON: Final = _by_header(PERSON)
_ACCOUNT: Final = _by_header(ACCOUNT)


def person_trait(header: str) -> str | None:
    """The common name of a person's trait under this header, if it is one."""
    return _PERSON.get(normal(header))


def account_trait(header: str) -> str | None:
    """The common name of a company's trait under this header, if it is one."""
    return _ACCOUNT.get(normal(header))
