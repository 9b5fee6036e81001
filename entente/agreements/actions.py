"""What changes the agreement: adopting a version. In issue 2 ops adopts; signatures of both parties come later."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import Max

from entente.agreements.document import Agreement
from entente.agreements.models import AgreementVersion
from entente.members import trail
from entente.members.models import User

VERSIONS_LOCK: Final = 78_202  # of PostgreSQL's advisory locks; 78201 is that of migrations


@transaction.atomic
def adopt(agreement: Agreement, by: User | None, now: datetime) -> AgreementVersion:
    """Store the agreement as the next version, in force from its effective day; one that is stored stays as it is.

    `by` is the member who does so, None for the operator at the command line. The day may be in the past: what
    happened since is then judged by this version, as far as no version with a later day replaces it.
    """
    _wait_for_other_writers()
    stored = AgreementVersion.objects.filter(sha256=agreement.sha256()).first()
    if stored:
        return stored
    last = AgreementVersion.objects.aggregate(last=Max("number"))["last"] or 0
    version = AgreementVersion.objects.create(
        number=last + 1,
        name=agreement.name,
        document=agreement.canonical().decode(),
        sha256=agreement.sha256(),
        effective_at=agreement.in_force_from,
        created_at=now,
        created_by=by,
    )
    trail.record("agreement.adopted", by, str(version), now, number=version.number, sha256=version.sha256)
    return version


def _wait_for_other_writers() -> None:
    """Numbers are consecutive, so writers go one after the other until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [VERSIONS_LOCK])
