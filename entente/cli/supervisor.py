"""Keeping a few processes running: whoever dies is started again, all stop together.

The children are in sessions of their own, so that Ctrl-C reaches them through this process only; they ask the kernel to
be stopped should this process be killed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

NAME: Final = "ENTENTE_SUPERVISOR"
"""The environment variable by which a child knows that it has one."""

PR_SET_PDEATHSIG: Final = 1

REFUSED: Final = 2
"""The exit code of a command that cannot work as it was called (`cli.setup.fail`): starting it again helps nobody."""

PATIENCE: Final = 25.0
"""Seconds that a child has to stop in good order before it is killed."""

LONGEST_PAUSE: Final = 10.0
SETTLED_AFTER: Final = 30.0
"""A child that lived so long died of something new, and is started again at once."""


@dataclass
class Child:
    """One process and what is to be run in it."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    not_before: float = field(default=0.0)

    def start(self, environment: Mapping[str, str]) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(self.command, env=dict(environment), start_new_session=True)  # noqa: S603 - ours

    def died(self) -> int | None:
        """Its exit code, once it has ended; negative: by which signal."""
        return self.process.poll() if self.process else None

    def mourn(self) -> float:
        """It has died; returns how many seconds to wait before it starts again."""
        self.process = None
        now = time.monotonic()
        self.deaths = 1 if now - self.started > SETTLED_AFTER else self.deaths + 1
        pause = min(LONGEST_PAUSE, 0.5 * 2 ** (self.deaths - 1)) if self.deaths > 1 else 0.0
        self.not_before = now + pause
        return pause


def keep_running(children: Sequence[Child]) -> int:
    """Run the children until this process is told to stop (SIGTERM, SIGINT); returns its exit code."""
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: stopping.append(number))
    environment = {**os.environ, NAME: str(os.getpid())}
    try:
        while not stopping:
            for child in children:
                if (code := _look_after(child, environment)) is not None:
                    return code
            time.sleep(0.1)
        return 0
    finally:
        _stop(children)


def _look_after(child: Child, environment: Mapping[str, str]) -> int | None:
    """Start it if it does not run; its exit code if that says not to."""
    code = child.died()
    if code == REFUSED:
        return code
    if code is not None:
        pause = child.mourn()
        how = f"by signal {-code}" if code < 0 else f"with code {code}"
        again = f"in {pause:g} s" if pause else "at once"
        print(f"entente: {child.name} has ended {how}; it starts again {again}", file=sys.stderr, flush=True)
    if child.process is None and time.monotonic() >= child.not_before:
        child.start(environment)
    return None


def _stop(children: Sequence[Child]) -> None:
    living = [child.process for child in children if child.process and child.process.poll() is None]
    for process in living:
        process.terminate()
    until = time.monotonic() + PATIENCE
    for process in living:
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def end_with_supervisor() -> None:
    """In a child: stop when the supervisor dies without having said so. The kernel sees to it on Linux."""
    supervisor = os.environ.get(NAME)
    if not supervisor:
        return
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(supervisor):  # it died before we asked
        raise SystemExit(1)
