"""The database is there whatever was killed before, and one for all processes of a data folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from entente.database import DatabaseError, data_folder, parse_url

PRINT_ADDRESS = """
import sys
from pathlib import Path
from entente.database import embedded_url
print(embedded_url(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


class Process:
    """A process that uses the embedded server of a folder until its input ends."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", PRINT_ADDRESS, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        assert self.url

    def leave(self) -> None:
        self.process.communicate()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def folder(tmp_path):
    yield tmp_path
    if (tmp_path / "postgres" / "postmaster.pid").exists():
        Process(tmp_path).leave()


def server_of(folder: Path) -> int:
    return int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not Path(f"/proc/{pid}/stat").read_text().split(") ")[1].startswith("Z")


def write(url: str, text: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (text text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [text])


def read(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM kept ORDER BY text")]


def test_two_processes_share_one_server_and_the_last_stops_it(folder):
    first, second = Process(folder), Process(folder)
    assert first.url == second.url
    write(first.url, "a")
    server = server_of(folder)
    first.leave()
    assert read(second.url) == ["a"]
    second.leave()
    assert not is_running(server)


def test_a_killed_starter_leaves_a_database_that_goes_on_and_stops_with_the_next(folder):
    killed = Process(folder)
    write(killed.url, "a")
    server = server_of(folder)
    killed.kill()
    after = Process(folder)
    assert server_of(folder) == server
    assert read(after.url) == ["a"]
    after.leave()
    assert not is_running(server)


def test_a_killed_server_starts_again_with_all_that_was_committed(folder):
    first = Process(folder)
    write(first.url, "a")
    server = server_of(folder)
    os.kill(server, signal.SIGKILL)
    first.kill()
    second = Process(folder)
    assert server_of(folder) != server
    assert read(second.url) == ["a"]
    second.leave()


def test_a_server_that_was_killed_while_in_use_comes_back_for_those_who_use_it(folder):
    user = Process(folder)
    write(user.url, "a")
    os.kill(server_of(folder), signal.SIGKILL)
    other = Process(folder)
    assert read(user.url) == ["a"]
    other.leave()
    user.leave()


def test_the_number_of_a_dead_server_may_be_another_process_s_by_now(folder):
    Process(folder).leave()
    lines = [str(os.getpid()), str(folder / "postgres"), str(int(time.time())), "5432", str(folder / "postgres"), "",
             "  123 456", "ready"]  # fmt: skip
    (folder / "postgres" / "postmaster.pid").write_text("\n".join(lines) + "\n")
    again = Process(folder)
    write(again.url, "a")
    again.leave()


@pytest.mark.parametrize("rest", ["", "12", "999999999\n/nowhere\n"])
def test_half_written_files_of_killed_processes_do_no_harm(folder, rest):
    Process(folder).leave()
    (folder / "postgres" / "postmaster.pid").write_text(rest)
    (folder / "postgres" / ".handle_pids.json").write_text("[12, ")
    again = Process(folder)
    write(again.url, "a")
    again.leave()
    assert json.loads((folder / "postgres" / ".handle_pids.json").read_text()) == []


def test_a_server_that_cannot_start_says_where_to_look(tmp_path):
    (tmp_path / "postgres").write_text("a file where a folder should be")
    program = "import entente.database as d; d.START_TRIES = 1\n" + PRINT_ADDRESS
    failed = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, tmp_path],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert failed.returncode != 0
    assert "does not start" in failed.stderr
    assert "DATABASE_URL" in failed.stderr


def test_an_address_is_taken_apart():
    found = parse_url("postgresql://ana%40x:p%2Fw@db.example:6543/entente%20one?sslmode=require")
    assert found == {
        "NAME": "entente one", "USER": "ana@x", "PASSWORD": "p/w", "HOST": "db.example", "PORT": "6543",
        "OPTIONS": {"sslmode": "require"},
    }  # fmt: skip


def test_a_socket_may_be_named_in_the_query():
    found = parse_url("postgres:///entente?host=/var/run/postgresql&port=5433")
    assert (found["HOST"], found["PORT"], found["OPTIONS"]) == ("/var/run/postgresql", "5433", {})


@pytest.mark.parametrize(
    "url", ["mysql://u@h/n", "entente.db", "postgresql://u@h", "postgresql://u@h:port/n", "postgresql://[::1/n"]
)
def test_what_is_no_address_is_refused_with_an_example(url):
    with pytest.raises(DatabaseError, match="postgresql://user:password@host/name"):
        parse_url(url)


def test_the_data_folder_is_the_one_that_the_operator_names(monkeypatch, tmp_path):
    monkeypatch.setenv("ENTENTE_DATA", str(tmp_path / "new"))
    assert data_folder() == tmp_path / "new"
    assert (tmp_path / "new").is_dir()
