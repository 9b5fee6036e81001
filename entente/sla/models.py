"""Running clocks, to be found when they fall due. The truth about a clock is in the facts of its hand-off.

A row repeats what `entente.sla.clocks.clocks_of` said of it last, and adds what no fact tells: when its warning, its
breach and its reassignment were acted on. The database works out by itself when a clock wants to be looked at next
(`next_at`), so that no writer can forget it.
"""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Least

from entente.handoffs.models import Handoff
from entente.people.models import Person
from entente.sla.clocks import ClockState
from entente.sla.waits import WAITING

STATES: Final = [each.value for each in ClockState]
RUNNING: Final = (ClockState.RUNNING.value, ClockState.PAUSED.value)
MAY_BE_BROKEN: Final = (*RUNNING, ClockState.BREACHED.value)

_WARNS = Q(warned_at__isnull=True) & (Q(over_at__isnull=True) | Q(over_at__gt=F("warn_at")))
_BREAKS = Q(breached_at__isnull=True, state__in=MAY_BE_BROKEN) & ~Q(kind=WAITING)
_MOVES = Q(reassigned_at__isnull=True, over_at__isnull=True, state__in=MAY_BE_BROKEN)


class Clock(models.Model):
    """One promise of one hand-off to one rep; or, of kind `waiting`, a hand-off that nobody could take.

    Times of a promise are as in `entente.sla.clocks.Clock`. `elapsed` is known when the clock is over.
    """

    # No foreign keys in the database: a hand-off that changed is written anew under its id, and a clock keeps what it
    # was told. Who derives hand-offs follows their clocks, which removes those of hand-offs that are gone.
    handoff = models.ForeignKey(
        Handoff, on_delete=models.CASCADE, related_name="clocks", db_constraint=False, db_index=False
    )
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    version = models.PositiveIntegerField(null=True, help_text="the agreement's version that promised it")
    kind = models.TextField()
    promise = models.TextField()
    rep = models.TextField(blank=True)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    warn_at = models.DateTimeField(null=True)
    reassign_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)
    state = models.TextField(choices=[(each, each) for each in STATES])
    elapsed = models.DurationField(null=True)
    paused = models.DurationField()
    quiet = models.BooleanField(default=False, help_text="was due long before Entente heard of it: nobody is told")
    warned_at = models.DateTimeField(null=True, help_text="when the warning was acted on")
    breached_at = models.DateTimeField(null=True, help_text="when the breach was acted on")
    corrected_at = models.DateTimeField(null=True, help_text="when facts came by which the told breach was none")
    reassigned_at = models.DateTimeField(null=True)
    reassigned_to = models.TextField(blank=True)
    put_off_until = models.DateTimeField(null=True, help_text="could not be acted on; tried again then")
    obstacle = models.TextField(blank=True, help_text="why it could not be acted on")
    next_at = models.GeneratedField(
        expression=Case(
            When(
                quiet=False,
                then=Least(
                    Case(When(_WARNS, then=F("warn_at"))),
                    Case(When(_BREAKS, then=F("due_at"))),
                    Case(When(_MOVES, then=F("reassign_at"))),
                ),
            )
        ),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["handoff", "promise", "rep", "started_at"], name="clock_runs_once"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="clock_state_known"),
            models.CheckConstraint(condition=Q(due_at__gte=F("started_at")), name="clock_due_after_its_start"),
            models.CheckConstraint(condition=Q(warn_at__lte=F("due_at")), name="clock_warns_before_it_is_due"),
            models.CheckConstraint(condition=Q(reassign_at__gte=F("due_at")), name="clock_reassigns_after_the_breach"),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | Q(stopped_at=F("over_at")), name="clock_over_when_stopped"
            ),
            models.CheckConstraint(
                condition=Q(state__in=RUNNING, over_at__isnull=True)
                | Q(state=ClockState.MET.value, stopped_at__isnull=False, stopped_at__lte=F("due_at"))
                | Q(state=ClockState.RELEASED.value, over_at__isnull=False, stopped_at__isnull=True)
                | (Q(state=ClockState.BREACHED.value) & (Q(over_at__isnull=True) | Q(over_at__gt=F("due_at")))),
                name="clock_state_fits_its_times",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], condition=Q(next_at__isnull=False), name="clock_next"),
            models.Index(fields=["due_at", "id"], condition=Q(over_at__isnull=True), name="clock_running_by_due"),
            models.Index(fields=["rep", "due_at"], condition=Q(over_at__isnull=True), name="clock_running_of_rep"),
        ]

    def __str__(self) -> str:
        return f"{self.promise} ({self.state})"

    @property
    def warns(self) -> bool:
        """Whether its warning is still to be acted on when it comes."""
        if self.quiet or self.warned_at or self.warn_at is None:
            return False
        return self.over_at is None or self.over_at > self.warn_at

    @property
    def breaks(self) -> bool:
        """Whether its breach is."""
        told = self.quiet or self.breached_at or self.kind == WAITING
        return not told and self.state in MAY_BE_BROKEN

    @property
    def moves(self) -> bool:
        """Whether its lead is to be given to another rep."""
        told = self.quiet or self.reassigned_at or self.reassign_at is None
        return not told and self.over_at is None and self.state in MAY_BE_BROKEN
