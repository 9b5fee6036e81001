"""The shell commands in the documentation do what they say: run here, in order, each page in its own folder."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *ROOT.glob("docs/**/*.md"))
)
BLOCK = re.compile(r"(?:<!-- not run: (?P<reason>[^>]+) -->\n)?```sh\n(?P<text>.*?)```", re.DOTALL)
FILE = re.compile(r"<!-- file: (?P<name>[\w.-]+) -->\n```\w*\n(?P<text>.*?)```", re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)(?:#[^)]*)?\)")
RUNNABLE = re.compile(
    r"entente (demo .*--export|audit|agreement|import|replay|explain|user (create|list)|key (create|list)|status)\b"
)


class Command(NamedTuple):
    line: str
    reason_not_run: str


def commands(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        for line in block["text"].replace("\\\n", " ").splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                yield Command(line.strip().removeprefix("$ "), block["reason"] or "")


RUN_ELSEWHERE = {
    "docs/how-to/import-files.md": "tests/connectors/test_documentation.py",
    "docs/how-to/use-the-api.md": "tests/api/test_documentation.py",
}
"""Pages whose commands need files of their own, and the tests that run them; they write ```console."""


PAGES_WITH_COMMANDS = [page for page in PAGES if any(not command.reason_not_run for command in commands(page))]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_another_kind_is_run_by_a_test_of_its_own(page):
    if re.search(r"^```(?:console|shell|bash)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE):
        assert Path(page).name in (ROOT / RUN_ELSEWHERE[page]).read_text(encoding="utf-8")


def test_the_pages_that_newcomers_follow_are_among_those_that_are_run():
    assert {"README.md", "docs/tutorial/first-hour.md"} <= set(PAGES_WITH_COMMANDS)


@pytest.mark.parametrize("page", PAGES)
def test_a_command_is_run_here_or_says_why_not(page):
    for command in commands(page):
        assert command.reason_not_run or RUNNABLE.match(command.line), f"{page}: {command.line}"


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    folder = (ROOT / page).parent
    for target in LINK.findall((ROOT / page).read_text(encoding="utf-8")):
        assert (folder / target).exists(), f"{page} links to {target}"


@pytest.mark.parametrize("page", PAGES_WITH_COMMANDS)
def test_its_commands_work(page, tmp_path):
    """Each ends well; what one writes, the next finds."""
    surroundings = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "ENTENTE_DATA": str(tmp_path / "data"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    work = tmp_path / "work"
    work.mkdir()
    for file in FILE.finditer((ROOT / page).read_text(encoding="utf-8")):
        (work / file["name"]).write_text(file["text"], encoding="utf-8")
    for command in commands(page):
        if command.reason_not_run:
            continue
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command.line}"],
            cwd=work,
            env=surroundings,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, f"{shlex.quote(command.line)}\n{done.stdout}\n{done.stderr}"
