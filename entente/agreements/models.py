"""Versions of the agreement. One is written once: triggers refuse to change or delete it (see the migration)."""

from __future__ import annotations

import json
from functools import lru_cache

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q, Value

from entente.agreements.document import Agreement, from_data


class AgreementVersion(models.Model):
    """One immutable state of the agreement; `document` is its canonical JSON, to the byte, and `sha256` its hash."""

    number = models.PositiveIntegerField(unique=True, help_text="1, 2, 3 … in the order of adoption")
    name = models.TextField()
    document = models.TextField()
    sha256 = models.CharField(max_length=64, unique=True)
    effective_at = models.DateTimeField(db_index=True, help_text="00:00 of its effective day in its time zone")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(condition=Q(number__gte=1), name="version_numbered_from_one"),
            models.CheckConstraint(
                condition=Q(
                    sha256=Func(
                        Func(Func(F("document"), Value("UTF8"), function="convert_to"), function="sha256"),
                        Value("hex"),
                        function="encode",
                        output_field=models.TextField(),
                    )
                ),
                name="version_hash_is_of_its_document",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.number}"

    @property
    def agreement(self) -> Agreement:
        """The document, read; shared between callers, so not to be changed."""
        return _read(self.document)


@lru_cache(maxsize=64)
def _read(document: str) -> Agreement:
    return from_data(json.loads(document))
