"""Importing a draft beside the pages: in a thread of this process, its progress in the draft's note."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from entente.connectors import actions
from entente.connectors.drafts import DONE, FAILED, RUNNING, Draft
from entente.connectors.files import FileProblem, MappingProblem
from entente.members import trail
from entente.members.models import User

log = logging.getLogger(__name__)

TOLD_EVERY = 0.5
"""Seconds between two notes of progress."""


def start(draft: Draft, by: User, run: Callable[[Callable[[], None]], object] | None = None) -> None:
    """Mark the draft as running and import it in the background; a second start changes nothing.

    ``run`` is given the work to do; by default it is done in a thread of its own.
    """
    if draft.state == RUNNING and not draft.interrupted:
        return
    draft.state, draft.problem, draft.process = RUNNING, "", os.getpid()
    draft.step, draft.done, draft.total = "reading", 0, 1
    draft.save()
    (run or _in_a_thread)(lambda: _import(draft, by))


def _in_a_thread(work: Callable[[], None]) -> None:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    threading.Thread(target=run, name="import").start()


def _import(draft: Draft, by: User) -> None:
    try:
        unit = actions.import_files(
            draft.paths, draft.mapping, by=by, now=timezone.now(), names=draft.files, progress=_Teller(draft)
        )
    except (FileProblem, MappingProblem) as problem:
        draft.state, draft.problem = FAILED, str(problem)
    except Exception:
        log.exception("the import of draft %s failed", draft.id)
        draft.state, draft.problem = (
            FAILED,
            _("The import failed by a fault of ours; nothing went in. The log says more."),
        )
    else:
        draft.state, draft.import_id = DONE, unit.pk
        trail.record("import.made", by, ", ".join(draft.files), events=unit.events, rejected=unit.rejected)
    draft.save()


class _Teller:
    """Writes progress down, now and then."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.told = 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        changed = what != self.draft.step
        self.draft.step, self.draft.done, self.draft.total = what, done, total
        if changed or time.monotonic() - self.told > TOLD_EVERY:
            self.told = time.monotonic()
            self.draft.save()
