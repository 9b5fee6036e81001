"""The reference of the agreement: its examples are read, and no key is missing from it."""

import re
from pathlib import Path

import pytest

from entente.agreements.commitments import CLOCKS, COUNTS, PERIODS, RECEIVERS, SHARES
from entente.agreements.condition_reader import KINDS, TESTS
from entente.agreements.document import KEYS, parse
from entente.agreements.reviews import RHYTHMS
from entente.agreements.stages import FACTS
from tests.agreements.documents import SMALL

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "agreement.md"
TEXT = PAGE.read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.splitlines()[0])
def test_every_example_is_valid(example):
    base = SMALL.split("definition:", maxsplit=1)[0] if "\ndefinition:" in f"\n{example}" else SMALL
    parse(example if example.startswith("format:") else base + example)


def test_every_key_and_word_is_explained():
    words = {*KEYS, *KINDS, *TESTS, *FACTS, *CLOCKS, *SHARES, *COUNTS, *PERIODS, *RECEIVERS, *RHYTHMS, "where"}
    words |= _keys(parse(EXAMPLES[0]).as_data()) - {"Content", "stage", "amount", "mon-thu", "fri"}
    explained = " ".join(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)))
    assert not {word for word in words if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", explained)}


def _keys(data):
    if isinstance(data, dict):
        return set(data).union(*map(_keys, data.values()))
    return set().union(*map(_keys, data)) if isinstance(data, list) else set()
