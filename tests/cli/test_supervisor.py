"""The processes of `entente serve`: who dies starts again, who cannot work stops all, and all stop together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

SUPERVISE = """
import sys
from entente.cli.supervisor import Child, keep_running
raise SystemExit(keep_running([Child(str(n), [sys.executable, "-c", code]) for n, code in enumerate(sys.argv[1:])]))
"""
NOTE = "import os; open({file!r}, 'a').write(str(os.getpid()) + '\\n');"
ASK = "from entente.cli.supervisor import end_with_supervisor; end_with_supervisor();"
SLEEP = "import time; time.sleep(600)"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path / "pids"


def supervised(*codes: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", SUPERVISE, *codes], stderr=subprocess.PIPE, text=True)


def pids(notes: Path, at_least: int) -> list[int]:
    for _ in range(1500):
        if notes.exists() and len(found := notes.read_text().split()) >= at_least:
            return [int(pid) for pid in found]
        time.sleep(0.02)
    raise AssertionError("it has not started")


def is_gone(pid: int) -> bool:
    for _ in range(1500):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def test_who_is_killed_is_started_again_and_all_stop_together(notes: Path):
    supervisor = supervised(NOTE.format(file=str(notes)) + SLEEP)
    (first,) = pids(notes, 1)
    os.kill(first, signal.SIGKILL)
    second = pids(notes, 2)[1]
    assert psutil.pid_exists(second)
    supervisor.terminate()
    _, said = supervisor.communicate(timeout=60)
    assert supervisor.returncode == 0
    assert "0 has ended by signal 9; it starts again at once" in said
    assert is_gone(second)


def test_ctrl_c_is_a_good_end_too(notes: Path):
    supervisor = supervised(NOTE.format(file=str(notes)) + SLEEP)
    (child,) = pids(notes, 1)
    supervisor.send_signal(signal.SIGINT)
    supervisor.communicate(timeout=60)
    assert supervisor.returncode == 0
    assert is_gone(child)


def test_who_dies_again_and_again_is_given_growing_pauses(notes: Path):
    supervisor = supervised(NOTE.format(file=str(notes)) + "raise SystemExit(1)")
    pids(notes, 3)
    supervisor.terminate()
    _, said = supervisor.communicate(timeout=60)
    assert "with code 1; it starts again at once" in said
    assert "it starts again in 1 s" in said


def test_a_command_that_cannot_work_as_it_was_called_stops_all_with_its_code(notes: Path):
    supervisor = supervised(NOTE.format(file=str(notes)) + SLEEP, "import time; time.sleep(1); raise SystemExit(2)")
    supervisor.communicate(timeout=60)
    assert supervisor.returncode == 2
    assert is_gone(pids(notes, 1)[0])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other kernels do not tell of a parent's death")
def test_children_do_not_outlive_a_supervisor_that_is_killed(notes: Path):
    supervisor = supervised(ASK + NOTE.format(file=str(notes)) + SLEEP)
    (child,) = pids(notes, 1)
    supervisor.kill()
    supervisor.communicate(timeout=60)
    assert is_gone(child)
