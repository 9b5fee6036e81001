"""Laws: whatever the encoding, delimiter, decimal mark or way to write dates, the same values are read back."""

from __future__ import annotations

import csv
import io
import math
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entente.connectors.files.dates import guess_date_format, parse_dates
from entente.connectors.files.missing import WORDS
from entente.connectors.files.numbers import guess_number_format, parse_numbers
from tests.connectors.files import read_one

SINCE, SUMMER_TIME_KNOWN_UNTIL, UNTIL = (datetime.fromisoformat(f"{year}-01-01") for year in (1990, 2037, 2060))
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")
LETTERS = "abcdefghijklmnopqrstuvwxyzABCXYZáéíóúñüÁÑ 0123456789'\"-.,;|()&/\n"
MONTHS_EN = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
MONTHS_ES = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
]


def cell_text() -> st.SearchStrategy[str]:
    return (
        st.text(LETTERS, min_size=1, max_size=20)
        .map(lambda text: text.strip())
        .filter(lambda text: text and text.lower() not in WORDS and text.lower() != "na")
    )


@st.composite
def tables(draw) -> list[list[str]]:
    width = draw(st.integers(2, 5))
    return draw(st.lists(st.lists(cell_text(), min_size=width, max_size=width), min_size=3, max_size=12))


@QUICK
@given(tables(), st.sampled_from(ENCODINGS), st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\n", "\r\n"]))
def test_a_quoted_table_is_read_back_as_it_was_written(tmp_path, cells, encoding, delimiter, end):
    header = [f"Header {word}" for word in ("one", "two", "three", "four", "five")][: len(cells[0])]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([header, *cells])
    path = Path(tmp_path) / "table.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    table = read_one_table(path)
    assert table.layout.delimiter == delimiter
    assert table.columns == header
    assert [list(row) for row in table.frame.select(header).rows()] == [[c.strip() for c in row] for row in cells]


def read_one_table(path: Path):
    from entente.connectors.files.containers import open_file
    from entente.connectors.files.delimited import read_delimited
    from entente.connectors.files.missing import blank_missing

    (source,) = open_file(path)
    table = read_delimited(source)
    table.frame = blank_missing(table.frame, table.columns)
    return table


def written(number: float, decimal: str, thousands: str, currency: str) -> str:
    text = f"{number:,.2f}".replace(",", "\0").replace(".", decimal).replace("\0", thousands)
    return currency.format(text)


MARKS = [(".", ","), (",", "."), (".", ""), (",", ""), (",", " "), (",", "\u00a0"), (".", "'")]
CURRENCIES = ["{}", "{} €", "$ {}", "USD {}", "R$ {}", "{}%"]


@QUICK
@given(
    st.lists(st.decimals(-(10**9), 10**9, places=2).map(float), min_size=1, max_size=30),
    st.sampled_from(MARKS),
    st.sampled_from(CURRENCIES),
)
def test_numbers_are_read_back_whatever_their_marks(values, marks, currency):
    cells = pl.Series("cell", [written(value, *marks, currency) for value in values])
    style = guess_number_format(cells)
    assert style is not None
    assert style.decimal == marks[0]
    read = cells.to_frame().select(parse_numbers(pl.col("cell"), style)).to_series().to_list()
    assert all(math.isclose(a, b, abs_tol=1e-6) for a, b in zip(read, values, strict=True))


def test_numbers_that_both_marks_fit_say_so():
    style = guess_number_format(pl.Series(["1,234", "5,678"]))
    assert style is not None
    assert not style.sure


def test_a_semicolon_between_cells_speaks_for_the_comma_within(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Deal ID;Stage;Amount\n1;Won;1,234\n2;Lost;5,678\n")
    number = read_one(path).profiles["Amount"].number
    assert number is not None
    assert number.decimal == ","


WAYS = {
    "iso": lambda t: t.strftime("%Y-%m-%d %H:%M:%S"),
    "iso T": lambda t: t.strftime("%Y-%m-%dT%H:%M:%S"),
    "iso Z": lambda t: t.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "iso offset": lambda t: (t + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S+02:00"),
    "compact": lambda t: t.strftime("%Y%m%d%H%M%S"),
    "year/month/day": lambda t: t.strftime("%Y/%m/%d %H:%M:%S"),
    "day first": lambda t: t.strftime("%d/%m/%Y %H:%M:%S"),
    "day first, dots, short year": lambda t: t.strftime("%d.%m.%y %H:%M:%S"),
    "month first, half days": lambda t: t.strftime("%m/%d/%Y %I:%M:%S %p"),
    "english month": lambda t: f"{t.day} {MONTHS_EN[t.month - 1]} {t:%Y %H:%M:%S}",
    "american month": lambda t: f"{MONTHS_EN[t.month - 1]} {t.day}, {t:%Y} {t:%I:%M:%S %p}",
    "spanish month": lambda t: f"{t.day} de {MONTHS_ES[t.month - 1]} de {t:%Y}, {t:%H:%M:%S}",
    "hyphened month": lambda t: f"{t.day}-{MONTHS_ES[t.month - 1][:3]}-{t:%y %H:%M:%S}",
    "epoch": lambda t: str(int(t.timestamp())),
    "epoch in milliseconds": lambda t: str(int(t.timestamp() * 1000)),
    "excel": lambda t: repr((t - datetime(1899, 12, 30, tzinfo=UTC)) / timedelta(days=1)),
}
PROOF = [datetime(2024, 3, 25, 13, 14, 15, tzinfo=UTC)]
"""A day above 12 and an hour after noon, so that the column can be read in one way only."""


@pytest.mark.parametrize("way", WAYS)
@QUICK
@given(st.lists(st.datetimes(SINCE, UNTIL), max_size=20))
def test_dates_are_read_back_whatever_their_writing(way, moments):
    moments = [moment.replace(microsecond=0, tzinfo=UTC) for moment in moments] + PROOF
    cells = pl.Series("cell", [WAYS[way](moment) for moment in moments])
    style = guess_date_format(cells, header_says_date=True)
    assert style is not None
    assert style.sure
    assert parse_dates(cells, style, "UTC").to_list() == moments


@QUICK
@given(st.lists(st.datetimes(SINCE, SUMMER_TIME_KNOWN_UNTIL), min_size=1, max_size=20))
def test_what_carries_no_offset_is_local_to_the_zone(moments):
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("Europe/Madrid")
    local = [moment.replace(microsecond=0) for moment in moments]
    cells = pl.Series("cell", [moment.isoformat(" ") for moment in local])
    style = guess_date_format(cells, header_says_date=True)
    assert style is not None
    read = parse_dates(cells, style, "Europe/Madrid").to_list()
    assert read == [moment.replace(tzinfo=zone).astimezone(UTC) for moment in local]


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)))
def test_a_day_that_does_not_exist_is_no_date(day):
    cells = pl.Series([day.isoformat(), "2023-02-29", "2024-04-31", "2024-13-01", "2024-00-10", "2024-01-01 25:00"])
    style = guess_date_format(cells, header_says_date=True)
    assert style is not None
    assert parse_dates(cells, style, "UTC").count() == 1


def test_days_and_months_that_cannot_be_told_apart_are_read_day_first_and_said():
    style = guess_date_format(pl.Series(["03/04/2024", "05/06/2024"]), header_says_date=True)
    assert style is not None
    assert (style.order, style.sure) == ("dmy", False)


def test_half_days_speak_for_the_month_first():
    style = guess_date_format(pl.Series(["03/04/2024 5:06 PM"]), header_says_date=True)
    assert style is not None
    assert style.order == "mdy"


def test_another_column_of_the_table_settles_day_and_month(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Email,Created,Close Date\na@x.example,03/04/2024,12/25/2024\nb@x.example,05/06/2024,11/30/2024\n")
    date = read_one(path).profiles["Created"].date
    assert date is not None
    assert date.order == "mdy"


def test_plain_numbers_are_dates_only_under_a_header_that_says_so():
    cells = pl.Series(["45000", "45123"])
    assert guess_date_format(cells, header_says_date=False) is None
    assert guess_date_format(cells, header_says_date=True) is not None
