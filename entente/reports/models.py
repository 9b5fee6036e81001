"""How far each person has come through the stages of the agreement: derived from the log, and made anew at will."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F
from django.db.models.expressions import RawSQL

from entente.agreements.models import AgreementVersion
from entente.people.models import Person


class Journey(models.Model):
    """One person's way. Both lists have one place for each stage of the agreement, in its order.

    `entered` is when the stage was entered as such, null where it was not. `reached` is when they had come at least so
    far: the earliest entry of that stage or a later one, so that whoever skipped a stage still passed it, and a funnel
    only ever narrows. `position` is the furthest stage entered, -1 for none.
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="journey")
    source = models.TextField(blank=True, help_text="the channel that brought them, as they or the files tell it")
    segment = models.TextField(blank=True)
    rep = models.TextField(blank=True, help_text="whoever has or last had a hand-off of theirs")
    entered = ArrayField(models.DateTimeField(null=True), default=list)
    reached = ArrayField(models.DateTimeField(null=True), default=list)
    position = models.SmallIntegerField(default=-1, db_index=True)

    class Meta:
        indexes = [
            models.Index(RawSQL("(reached[1])", []), name="journey_began"),
            models.Index(F("source"), name="journey_source"),
            models.Index(F("rep"), name="journey_rep"),
        ]


class Followed(models.Model):
    """Under which version the journeys were followed, and up to when; one row."""

    version = models.ForeignKey(AgreementVersion, null=True, on_delete=models.PROTECT, to_field="number")
    at = models.DateTimeField()
