"""The agreement through the API: the document in force at a moment, as data and as the file that people keep."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Query, Schema
from pydantic import Field

from entente.agreements.queries import version_in_force, versions
from entente.api.fields import Asked, Moment
from entente.api.section import Need, Section

section = Section("agreement", Need("agreement.view", "agreement:read"))


class AgreementAsked(Asked):
    at: Moment | None = Field(
        None, description="The version in force at this moment; now, if not given.", examples=["2026-03-01T09:00:00Z"]
    )


class AgreementBody(Schema):
    """One version of the agreement."""

    version: int = Field(description="1, 2, 3 … in the order of adoption.", examples=[1])
    name: str = Field(description="As its authors called it.", examples=["ACME, second half of 2026"])
    sha256: str = Field(description="Of its canonical form: what both sides sign.", examples=["9f86d081…"])
    effective_at: datetime = Field(description="Since when, or from when, it is in force.")
    in_force: bool = Field(description="Whether it is in force at the moment asked for.", examples=[True])
    document: dict[str, Any] = Field(description="The document as data.")
    yaml: str = Field(description="The document as a file; `entente agreement import` reads it back.")


@section.get("agreement", AgreementBody)
def get_agreement(request: HttpRequest, asked: Query[AgreementAsked]) -> Any:
    """The agreement in force; before the first day of any, the newest, marked as not in force."""
    at = asked.at or timezone.now()
    current = version_in_force(at)
    found = current or (versions().first() if asked.at is None else None)
    if found is None:
        raise Http404("There was no agreement then." if asked.at else "There is no agreement yet.")
    return AgreementBody(
        version=found.number,
        name=found.name,
        sha256=found.sha256,
        effective_at=found.effective_at,
        in_force=current is not None,
        document=found.agreement.as_data(),
        yaml=found.agreement.to_yaml(),
    )
