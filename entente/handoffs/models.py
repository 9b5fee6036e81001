"""Hand-offs and the facts of which they are made, and deals. All of it is derived from the log and can be rebuilt.

A hand-off's state, rep and end stand beside its facts so that they can be found by index; they are what
`entente.handoffs.lifecycle` reads off the facts. A trigger (see the migrations) refuses a fact that the hand-off cannot
have: one from before it was opened or after it ended, an acceptance beside a rejection, two ends.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from entente.agreements.models import AgreementVersion
from entente.handoffs.facts import Objection, Origin, Outcome
from entente.handoffs.lifecycle import State
from entente.people.models import Account, Person

OVER = (State.REJECTED.value, State.CLOSED.value)
ORIGINS = [each.value for each in Origin]
STATES = [each.value for each in State]


class Handoff(models.Model):
    """One qualified person given to sales, under the version of the agreement by which it was opened."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="handoffs")
    version = models.ForeignKey(AgreementVersion, null=True, on_delete=models.PROTECT, to_field="number")
    opened_at = models.DateTimeField(db_index=True)
    origin = models.TextField(choices=[(each.value, each.value) for each in Origin])
    missing = ArrayField(models.TextField(), default=list, help_text="required information that was not there")
    cause = models.TextField(blank=True, help_text="message id of the event that decided it")
    qualified_at = models.DateTimeField(null=True, db_index=True)
    completed_at = models.DateTimeField(null=True)
    state = models.TextField(choices=[(each.value, each.value) for each in State])
    rep = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)
    disputed = models.BooleanField(default=False, help_text="given, but a late event says: not then")
    fingerprint = models.CharField(max_length=32, help_text="of all facts, to see whether anything has changed")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(closed_at__isnull=True), name="handoff_one_open_per_person"
            ),
            models.UniqueConstraint(fields=["person", "opened_at"], name="handoff_opened_once"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False, state__in=OVER) | (Q(closed_at__isnull=True) & ~Q(state__in=OVER)),
                name="handoff_over_when_closed",
            ),
            models.CheckConstraint(condition=Q(closed_at__gte=F("opened_at")), name="handoff_not_closed_before_opened"),
            models.CheckConstraint(condition=Q(qualified_at__gte=F("opened_at")), name="handoff_qualified_when_open"),
            models.CheckConstraint(condition=Q(completed_at__gte=F("opened_at")), name="handoff_completed_when_open"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="handoff_state_known"),
            models.CheckConstraint(condition=Q(origin__in=ORIGINS), name="handoff_origin_known"),
        ]
        indexes = [models.Index(fields=["rep"], condition=Q(closed_at__isnull=True), name="handoff_open_of_rep")]


class Fact(models.Model):
    """Who did what to a hand-off, and when."""

    at = models.DateTimeField()
    by = models.TextField(blank=True)

    class Meta:
        abstract = True


class Assignment(Fact):
    handoff = models.ForeignKey(Handoff, on_delete=models.CASCADE, related_name="assignments")
    rep = models.TextField()
    why = models.TextField(blank=True)
    inferred = models.BooleanField(default=False, help_text="known only by what the rep did later; starts no clock")
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["handoff"], condition=Q(until__isnull=True), name="assignment_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(until__gte=F("at")), name="assignment_ends_after_it_began"),
            models.CheckConstraint(condition=~Q(rep=""), name="assignment_names_a_rep"),
        ]
        indexes = [models.Index(fields=["rep", "at"], name="assignment_of_rep")]


class Touch(Fact):
    handoff = models.ForeignKey(Handoff, on_delete=models.CASCADE, related_name="touches")
    kind = models.TextField(help_text="the event's type: call, email_sent, meeting, message")
    event = models.TextField(blank=True, help_text="message id of the event")


class Acceptance(Fact):
    handoff = models.OneToOneField(Handoff, on_delete=models.CASCADE, related_name="acceptance")
    how = models.TextField(blank=True, help_text="empty when the rep said so, else what showed it: stage, deal")


class Rejection(Fact):
    handoff = models.OneToOneField(Handoff, on_delete=models.CASCADE, related_name="rejection")
    reason = models.TextField(blank=True, db_index=True)
    note = models.TextField(blank=True)
    objection = models.TextField(blank=True, choices=[(each.value, each.value) for each in Objection])

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason="") | Q(objection=Objection.NO_REASON.value), name="rejection_has_a_reason"
            ),
        ]


class Pause(Fact):
    handoff = models.ForeignKey(Handoff, on_delete=models.CASCADE, related_name="pauses")
    reason = models.TextField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["handoff"], condition=Q(until__isnull=True), name="pause_one_at_a_time"),
            models.CheckConstraint(condition=Q(until__gte=F("at")), name="pause_ends_after_it_began"),
        ]


class Closure(Fact):
    handoff = models.OneToOneField(Handoff, on_delete=models.CASCADE, related_name="closure")
    outcome = models.TextField(choices=[(each.value, each.value) for each in Outcome])
    reason = models.TextField(blank=True)
    deal = models.TextField(blank=True, help_text="key of the deal that closed it")


class Deal(models.Model):
    """An opportunity as the CRM tells it; `key` is the CRM's own, or `event:…` where it gave none."""

    class Result(models.TextChoices):
        OPEN = "open"
        WON = "won"
        LOST = "lost"

    key = models.TextField(unique=True)
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="deals")
    account = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="deals")
    opened_at = models.DateTimeField(null=True, db_index=True)
    amount = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    product = models.TextField(blank=True)
    stage = models.TextField(blank=True)
    owner = models.TextField(blank=True)
    outcome = models.TextField(choices=Result, default=Result.OPEN)
    closed_at = models.DateTimeField(null=True, db_index=True)
    reason = models.TextField(blank=True)
    competitor = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="open", closed_at__isnull=True)
                | Q(outcome__in=["won", "lost"], closed_at__isnull=False),
                name="deal_closed_when_decided",
            ),
        ]

    def __str__(self) -> str:
        return self.key
