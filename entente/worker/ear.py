"""Hearing that the log has grown: a connection of its own that listens on the channel of `events.storing`."""

from __future__ import annotations

import threading
from typing import Any, Final

import psycopg
from django.db import connection

from entente.events.storing import CHANNEL

GLANCE: Final = 0.2
"""Seconds after which a wait looks whether it is to stop."""


class Ear:
    """Waits for calls. While it has no connection it just rests, and the caller looks at the log by itself."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self.line: psycopg.Connection[Any] | None = None

    def __enter__(self) -> Ear:
        self._connect()
        return self

    def __exit__(self, *_: object) -> None:
        self._hang_up()

    def wait(self, seconds: float) -> bool:
        """Rest until somebody calls, at most so long; whether somebody did. Calls that came before count."""
        while seconds > 0 and not self.stop.is_set():
            if self._hears(min(GLANCE, seconds)):
                return True
            seconds -= GLANCE
        return False

    def _hears(self, seconds: float) -> bool:
        if self.line is None and not self._connect():
            self.stop.wait(seconds)
            return False
        try:
            return any(True for _ in self.line.notifies(timeout=seconds, stop_after=1)) if self.line else False
        except psycopg.Error:
            self._hang_up()
            return True  # what was called meanwhile is not known

    def _connect(self) -> bool:
        try:
            self.line = psycopg.connect(**_address(), autocommit=True)
            self.line.execute(f"LISTEN {CHANNEL}")
        except psycopg.Error:
            self._hang_up()
        return self.line is not None

    def _hang_up(self) -> None:
        if self.line is not None:
            self.line.close()
            self.line = None


def _address() -> dict[str, Any]:
    """Where the database is, as Django has it, without what only Django understands."""
    parameters = connection.get_connection_params()
    own = {"cursor_factory", "context", "prepare_threshold"}
    return {name: value for name, value in parameters.items() if name not in own}
