"""Where every person stands, derived from the log and the agreements in force; all of it can be made anew."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from entente.people.models import Person


class PersonScore(models.Model):
    """A person's standing after the last of their events (`scoring.fold.Standing`), under one version.

    Points decay, so no score is stored: it is fit plus, for each group, the sum decayed since its time and cut at the
    group's cap; `queries.with_score` has the database compute it. Times in arrays are µs since 1970.
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="standing")
    version = models.PositiveIntegerField(help_text="number of the version of the agreement")
    fit = models.FloatField()
    disqualified = models.BooleanField()
    sums = ArrayField(models.FloatField(), help_text="one for each group of the agreement, the ungrouped first")
    sum_at = ArrayField(models.BigIntegerField())
    day = ArrayField(models.IntegerField(), help_text="for each limited rule the day of its last hit")
    count = ArrayField(models.IntegerField(), help_text="its hits on that day")
    day_before = ArrayField(models.IntegerField(), help_text="its hits on the day before that")
    traits = models.JSONField(help_text="what the rules can see of the person")
    group_id = models.TextField(null=True)
    email = models.TextField(null=True)
    account_keys = ArrayField(models.TextField(), help_text="every account that the person was ever of")
    opened = models.BigIntegerField(null=True, help_text="when the open hand-off opened, µs")
    closed = models.BigIntegerField(null=True, help_text="when the last hand-off closed, µs")
    last_at = models.BigIntegerField(null=True, help_text="the order of the last event folded")
    last_message = models.TextField(null=True, db_collation="C")
    last_source = models.TextField(null=True, db_collation="C")

    class Meta:
        indexes = [GinIndex(fields=["account_keys"], name="score_accounts")]


class AccountKnowledge(models.Model):
    """What the rules can see of an account, after the last group call folded."""

    key = models.TextField(primary_key=True)
    values = models.JSONField()
    last_at = models.BigIntegerField()
    last_message = models.TextField(db_collation="C")
    last_source = models.TextField(db_collation="C")


class Qualified(models.Model):
    """A person reached the threshold at an event; until `closed_at` the hand-off is open, as scoring sees it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="qualifications")
    at = models.DateTimeField()
    version = models.PositiveIntegerField()
    message_id = models.TextField(db_collation="C")
    source = models.TextField(db_collation="C")
    score = models.FloatField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.TextField(blank=True, help_text="the type of the event that closed it")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(closed_at__isnull=True), name="qualified_one_is_open"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True) | models.Q(closed_at__gte=models.F("at")),
                name="qualified_before_closed",
            ),
        ]
        indexes = [models.Index(fields=["person", "at"], name="qualified_story")]


class Basis(models.Model):
    """Under which versions the standings were folded: [number, effective from] of each that had begun. One row."""

    reigns = models.JSONField()
    folded_at = models.DateTimeField()
