"""A mapping file changes the guess; a wrong one is refused with every fault at once, each with line and remedy."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entente.connectors.files import Mapping, MappingProblem, load_mapping, parse_mapping, read_records
from entente.connectors.files.history import history_of
from entente.connectors.files.preview import mapping_yaml, preview
from tests.connectors.files import history, rows, write

LEADS = """
Kunde,Wann,Ergebnis,Summe
ann@x.example,03/04/2024,A,"1,234"
bob@x.example,05/06/2024,B,"5,678"
"""


@pytest.fixture
def leads(tmp_path):
    return write(tmp_path, "leads.csv", LEADS)


def mapped(tmp_path, leads, text):
    return history(leads, mapping=write(tmp_path, "mapping.yaml", text))


def faults(text: str) -> list[str]:
    with pytest.raises(MappingProblem) as caught:
        parse_mapping(text)
    return [str(fault) for fault in caught.value.faults]


def test_a_mapping_gives_meanings_outcomes_formats_and_a_zone(tmp_path, leads):
    told = mapped(
        tmp_path,
        leads,
        """
        format: 1
        timezone: Europe/Madrid
        outcomes: {won: [A], lost: B}
        files:
          - file: leads*.csv
            columns:
              Wann: {meaning: created, dates: month first}
              Ergebnis: stage
              Summe: {meaning: amount, decimal: ","}
        """,
    )
    assert rows(told, "email", "outcome", "amount") == [
        ("ann@x.example", "won", 1.234),
        ("bob@x.example", "lost", 5.678),
    ]
    assert str(told.leads["created_at"][0]) == "2024-03-03 23:00:00+00:00"


def test_the_header_row_and_delimiter_can_be_set(tmp_path):
    path = write(tmp_path, "odd.csv", "x;y\nEmail;Source\nann@x.example;Web\n")
    told = mapped(tmp_path, path, "files: [{file: odd.csv, header: 2, delimiter: semicolon, encoding: utf-8}]\n")
    assert rows(told, "email", "source") == [("ann@x.example", "Web")]


def test_a_column_can_be_left_out_and_words_be_missing(tmp_path, leads):
    told = mapped(
        tmp_path, leads, "missing: [B]\nfiles: [{file: leads.csv, columns: {Summe: ignore, Ergebnis: source}}]\n"
    )
    assert "trait:Summe" not in told.leads.columns
    assert told.leads["source"].to_list() == ["A", None]


def test_the_guess_as_a_mapping_gives_the_same_history(tmp_path, leads):
    records = read_records([leads], Mapping())
    again = read_records([leads], parse_mapping(mapping_yaml(records)))
    assert history_of(again).leads.equals(history_of(records).leads)
    assert preview([leads]).mapping == mapping_yaml(records)


def test_every_fault_is_told_at_once_with_its_line():
    found = faults(
        "format: 2\ntimezone: Mars\nfiles:\n  - file: x\n    colums: {}\n    columns:\n"
        "      A: craeted\n      B: created\n      C: created\n      D: {dates: backwards, decimal: x}\n"
    )
    assert [line.split(":")[0] for line in found] == [
        "line 1",
        "line 2",
        "line 5",
        "line 7",
        "line 10",
        "line 10",
        "line 9",
    ]
    assert "Did you mean 'columns'?" in found[2]
    assert "Did you mean 'created'?" in found[3]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "not YAML"),
        ("- a\n", "keys and values"),
        ("files: {a: b}\n", "must be a list"),
        ("files: [x]\n", "keys of its own"),
        ("files: [{columns: {A: created}}]\n", "no 'file'"),
        ("outcomes: [A]\n", "won, lost or open"),
        ("files: [{file: a, delimiter: xx}]\n", "one character"),
        ("files: [{file: a, encoding: klingon}]\n", "no encoding"),
        ("files: [{file: a, header: first}]\n", "no row"),
    ],
)
def test_a_document_of_another_shape_is_refused(text, words):
    assert any(words in fault for fault in faults(text))


def test_a_column_and_a_file_that_are_not_there(tmp_path, leads):
    with pytest.raises(MappingProblem) as caught:
        mapped(tmp_path, leads, "files:\n  - file: leads.csv\n    columns: {Wan: created}\n  - file: deals.csv\n")
    text = str(caught.value)
    assert "line 3: there is no column 'Wan' in 'leads.csv'. Did you mean 'Wann'?" in text
    assert "no file is called 'deals.csv'" in text


def test_a_meaning_or_format_that_the_cells_contradict(tmp_path):
    path = write(
        tmp_path, "leads.csv", "Email,When,How much\na@x.example,25/12/2024,much\nb@x.example,26/12/2024,few\n"
    )
    with pytest.raises(MappingProblem) as caught:
        mapped(
            tmp_path,
            path,
            "files: [{file: leads.csv, columns: {Email: created, How much: amount, When: {dates: month first}}}]\n",
        )
    text = str(caught.value)
    assert "the cells of 'Email' are no dates" in text
    assert "the cells of 'How much' are no numbers" in text
    assert "They look like: day/month/year" in text


def test_a_mapping_that_cannot_be_read(tmp_path):
    with pytest.raises(MappingProblem, match="cannot be read"):
        load_mapping(tmp_path / "none.yaml")


@given(st.text(max_size=200))
def test_no_text_does_more_than_be_refused(text):
    with suppress(MappingProblem):
        parse_mapping(text)
