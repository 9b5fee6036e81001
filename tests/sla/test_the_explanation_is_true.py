"""The table of business time in the documentation says what the calendar says."""

import re
from datetime import datetime
from pathlib import Path

import pytest

from entente.agreements.durations import duration_from_text
from tests.sla.calendars import MADRID, acme, madrid

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "business-time.md"
ROW = re.compile(r"^\| `(?P<length>[^`]+)` \|.*\| (?P<due>\w+ \d+ July, \d\d:\d\d)", re.M)
ROWS = ROW.findall(PAGE.read_text())


def test_the_table_is_found():
    assert len(ROWS) == 5


@pytest.mark.parametrize(("length", "said"), ROWS)
def test_each_line_of_the_table(length, said):
    due = acme().add(madrid("2026-07-03 14:30"), duration_from_text(length))
    told = datetime.strptime(f"2026 {said}", "%Y %A %d %B, %H:%M").replace(tzinfo=MADRID)
    assert due == told
    assert f"{told:%A}" == said.split()[0]
