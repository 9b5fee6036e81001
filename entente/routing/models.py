"""Who is away, how much each may have, and what dealing has come to: balances, and every decision with its numbers.

Reps are named by their e-mail address, as in the agreement. A hand-off is named by what opened it and when, which stays
when its row is written anew or its person is joined to another.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from entente.routing.worth import MONEY, POINTS


class Absence(models.Model):
    """A rep is away from the first day to the last, both whole; on the days before it nothing new is dealt to them."""

    rep = models.TextField()
    first = models.DateField()
    last = models.DateField()
    days_before = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=200, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="absence_ends_after_it_began"),
            models.CheckConstraint(condition=~Q(rep=""), name="absence_names_a_rep"),
        ]
        indexes = [models.Index(fields=["rep", "last"], name="absence_of_rep")]

    def __str__(self) -> str:
        return f"{self.rep}, {self.first} to {self.last}"


class Capacity(models.Model):
    """So many open hand-offs at most for this rep, instead of the agreement's number."""

    rep = models.TextField(primary_key=True)
    at_most = models.PositiveIntegerField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.rep}: {self.at_most}"


class TeamLedger(models.Model):
    """A team's ledger (`routing.fair.Ledger`): what `largest` lead it has seen, in what `measure`. What was given
    before `began_at` does not count in it."""

    team = models.TextField(unique=True)
    largest = models.FloatField(default=0)
    measure = models.TextField(choices=[(POINTS, POINTS), (MONEY, MONEY)], default=POINTS)
    began_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(measure__in=[POINTS, MONEY]), name="ledger_measure_known"),
            models.CheckConstraint(condition=Q(largest__gte=0), name="ledger_largest_not_below_zero"),
        ]

    def __str__(self) -> str:
        return self.team


class Balance(models.Model):
    """A rep's place in a team: `got_*` what they got, `count` and `value` that less what they were due."""

    ledger = models.ForeignKey(TeamLedger, on_delete=models.CASCADE, related_name="balances")
    rep = models.TextField()
    count = models.FloatField(default=0)
    value = models.FloatField(default=0)
    got_count = models.FloatField(default=0)
    got_value = models.FloatField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ledger", "rep"], name="balance_once_in_a_team")]

    def __str__(self) -> str:
        return f"{self.rep} in {self.ledger_id}"

    @property
    def due_count(self) -> float:
        return self.got_count - self.count

    @property
    def due_value(self) -> float:
        return self.got_value - self.value


class Decision(models.Model):
    """Why a rep was given a hand-off: who could have taken it, who was passed over and why, the numbers that decided.

    `candidates` are `[{rep, share, due, count, value, rise, lot}]`, the first got it unless `by_hand` or `why` says
    otherwise; `passed_over` are `[{rep, why, until, open, at_most}]`. `taken_back` says why it counts no longer.
    """

    class Why(models.TextChoices):
        DEALT = "dealt"
        ACCOUNT = "account"  # the rep has the account
        ANYWAY = "anyway"  # nobody was free, and that is what was agreed then
        HAND = "hand"

    cause = models.TextField(help_text="of the hand-off: message id of the event that opened it")
    opened_at = models.DateTimeField(help_text="of the hand-off")
    number = models.PositiveSmallIntegerField(help_text="the how-manieth time that the hand-off was given")
    person_id = models.BigIntegerField()
    rep = models.TextField()
    at = models.DateTimeField(help_text="when it was given")
    team = models.TextField(blank=True, help_text="in whose ledger it counts; empty for none")
    version = models.PositiveIntegerField(null=True, help_text="of the agreement by which it was dealt")
    why = models.TextField(choices=Why)
    covers = models.TextField(blank=True, help_text="the account's rep, in whose stead it was dealt")
    instead_of = models.TextField(blank=True, help_text="from whom it was taken")
    score = models.FloatField(null=True)
    value = models.FloatField()
    measure = models.TextField(default=POINTS)
    candidates = models.JSONField(default=list)
    passed_over = models.JSONField(default=list)
    taken_back = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cause", "opened_at", "number"], name="decision_once_an_assignment"),
            models.UniqueConstraint(fields=["cause", "opened_at", "rep", "at"], name="decision_of_one_assignment"),
            models.CheckConstraint(condition=Q(value__gte=0), name="decision_value_not_below_zero"),
            models.CheckConstraint(
                condition=Q(why__in=["dealt", "account", "anyway", "hand"]), name="decision_why_known"
            ),
        ]
        indexes = [
            models.Index(fields=["person_id"], name="decision_of_person"),
            models.Index(fields=["team", "at"], name="decision_of_team"),
        ]

    def __str__(self) -> str:
        return f"{self.rep}, {self.at:%Y-%m-%d %H:%M}"

    @property
    def by_hand(self) -> bool:
        return self.why == self.Why.HAND


class Admission(models.Model):
    """Whether a hand-off that waits may be dealt: its opening arrived live, or `by` said that it may all the same.

    Written once when dealing first sees it; a hand-off from an import of history waits for somebody's word.
    """

    cause = models.TextField()
    opened_at = models.DateTimeField()
    admitted = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cause", "opened_at"], name="admission_once")]

    def __str__(self) -> str:
        return f"{self.cause}, {self.opened_at}"


class Learnt(models.Model):
    """What the past says leads are worth (`routing.worth.Worth`), as of `at`. One row."""

    at = models.DateTimeField()
    worth = models.JSONField()
