"""Run a command against a PostgreSQL of the machine's own: `python tests/with_system_postgres.py pytest tests`.

Starts the newest server below /usr/lib/postgresql (or of the folder in PGBIN) on a folder of its own and a socket in
it, sets DATABASE_URL, runs the command, stops the server, and ends with the command's exit code. As root it runs the
server as another user, since PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

UNPRIVILEGED = ("postgres", "pgserver", "nobody")
OLDEST = 15


def main(command: list[str]) -> int:
    if not command:
        sys.exit("say which command to run: python tests/with_system_postgres.py COMMAND ...")
    server = Server(binaries())
    try:
        server.start()
        return subprocess.run(command, env=os.environ | {"DATABASE_URL": server.url}, check=False).returncode
    finally:
        server.stop()


def binaries() -> Path:
    """The folder with `initdb` and `pg_ctl` of the newest version."""
    if given := os.environ.get("PGBIN"):
        return Path(given)
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    newest = max(found, key=lambda path: int(path.parent.name), default=None)
    if newest is None or int(newest.parent.name) < OLDEST:
        sys.exit(f"no PostgreSQL {OLDEST} or newer below /usr/lib/postgresql; install one, or set PGBIN to its folder")
    return newest


class Server:
    """One server with an empty database, for as long as one command runs."""

    def __init__(self, binaries: Path) -> None:
        self.binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="entente-pg-"))
        self.data = self.folder / "data"
        self.user = unprivileged_user() if os.geteuid() == 0 else None
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)

    @property
    def url(self) -> str:
        return f"postgresql://entente@/postgres?host={self.folder}"

    def start(self) -> None:
        self._run("initdb", "-D", self.data, "-U", "entente", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        options = f"-c listen_addresses='' -k {self.folder} -c fsync=off"
        self._run("pg_ctl", "-w", "-D", self.data, "-l", self.folder / "log", "-o", options, "start")

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "-w", "-D", self.data, "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def _run(self, program: str, *arguments: object) -> None:
        subprocess.run(
            [str(self.binaries / program), *map(str, arguments)],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            user=self.user.pw_uid if self.user else None,
            group=self.user.pw_gid if self.user else None,
        )


def unprivileged_user() -> pwd.struct_passwd:
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    sys.exit(f"running as root, and there is none of the users {', '.join(UNPRIVILEGED)} to run PostgreSQL as")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
