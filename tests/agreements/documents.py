"""A small agreement that tests change to their needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from entente.agreements.document import Agreement, AgreementError, Problem, parse

SMALL = """\
format: 1
name: ACME
effective: 2026-07-01
timezone: Europe/Madrid
definition:
  threshold: 50
"""


def small(**changes: str) -> Agreement:
    """The small agreement with some of its top values replaced."""
    text = SMALL
    for key, value in changes.items():
        text = re.sub(rf"^{key}: .*$", f"{key}: {value}", text, flags=re.MULTILINE)
    return parse(text)


def with_definition(lines: str) -> str:
    """The small document with more lines (indented by two) under its definition."""
    return SMALL + lines


def problems_of(text: str) -> list[Problem]:
    with pytest.raises(AgreementError) as caught:
        parse(text)
    return caught.value.problems


def example_of_the_design() -> str:
    """The example of DESIGN section 6, to the letter, where the design lies beside this checkout."""
    design = Path(__file__).resolve().parents[3] / "shared" / "DESIGN.md"
    if not design.is_file():
        pytest.skip("the design (../shared/DESIGN.md) is not beside this checkout")
    found = re.search(r"```yaml\n(format: 1\n.*?)```", design.read_text(), re.DOTALL)
    assert found
    return found[1]
