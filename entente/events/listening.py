"""Hearing a call of the database at once: a connection of its own that listens on one channel (LISTEN / NOTIFY)."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, Final

import psycopg
from django.db import connection

GLANCE: Final = 0.25
"""Seconds after which a wait looks whether it is to stop."""


class Ear:
    """Waits for calls. While it has no connection it rests, and its owner looks by itself."""

    def __init__(self, channel: str, stop: threading.Event) -> None:
        self.channel = channel
        self.stop = stop
        self.line: psycopg.Connection[Any] | None = None

    def __enter__(self) -> Ear:
        self._connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hang_up()

    def wait(self, seconds: float) -> list[str]:
        """Rest until somebody calls, at most so long; what they said. Calls that came before count.

        After a broken connection it comes back with an empty word, since what was called meanwhile is not known.
        """
        while seconds > 0 and not self.stop.is_set():
            if self.line is None and not self._connect():
                self.stop.wait(min(GLANCE, seconds))
            elif said := self._hears(min(GLANCE, seconds)):
                return said
            seconds -= GLANCE
        return []

    def _hears(self, seconds: float) -> list[str]:
        assert self.line is not None  # noqa: S101 - the caller has seen to it
        try:
            return [call.payload for call in self.line.notifies(timeout=seconds, stop_after=1)]
        except psycopg.Error:
            self._hang_up()
            return [""]

    def _connect(self) -> bool:
        try:
            self.line = psycopg.connect(**_address(), autocommit=True)
            self.line.execute(f"LISTEN {self.channel}")
        except psycopg.Error:
            self._hang_up()
        return self.line is not None

    def _hang_up(self) -> None:
        if self.line is not None:
            self.line.close()
            self.line = None


def _address() -> dict[str, Any]:
    """Where the database is, as Django has it, without what only Django understands; a line that dies is noticed."""
    own = {"cursor_factory", "context", "prepare_threshold"}
    given = {name: value for name, value in connection.get_connection_params().items() if name not in own}
    return {"keepalives_idle": 30, "connect_timeout": 5, **given}
