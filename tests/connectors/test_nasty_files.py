"""Files as they come: titles above the header, footers, odd encodings, ragged rows, wrong names."""

from __future__ import annotations

import gzip
import zipfile

import polars as pl
import pytest

from tests.connectors.files import codes, history, meanings, ods, old_workbook, read_one, rows, workbook, write

PEOPLE = [["Name", "Email", "Created", "Amount", "Status"],
          ["Ann", "ann@x.example", "2024-01-05", 10.5, "Won"],
          ["Bob", "bob@x.example", "2024-02-06", 1000, "Lost"],
          ["Cat", "cat@x.example", "2024-03-07", 3, "Open"]]  # fmt: skip
EXPECTED = [
    ("Ann", "ann@x.example", 10.5, "won"),
    ("Bob", "bob@x.example", 1000.0, "lost"),
    ("Cat", "cat@x.example", 3.0, "open"),
]


def as_text(delimiter: str = ",") -> str:
    return "\n".join(delimiter.join(str(cell) for cell in row) for row in PEOPLE)


def told(path):
    return rows(history(path), "person", "email", "amount", "outcome")


def test_titles_and_blank_rows_above_the_header_are_left_out_and_totals_below(tmp_path):
    path = write(
        tmp_path,
        "informe.csv",
        """
        Informe de leads;;;;
        Generado el 12/05/2024;;;;
        ;;;;
        Fecha alta;Nombre;Apellidos;Correo;Ganado
        13/02/2024;Ana;Ruiz;ana@x.example;Sí
        05/02/2024;Luis;Gil;luis@x.example;No
        TOTAL;2;;;
        """,
        "latin-1",
    )
    assert read_one(path).table.layout.header_row == 4
    assert rows(history(path), "person", "outcome") == [("Ana Ruiz", "won"), ("Luis Gil", "open")]
    notes = {note.code for note in read_one(path).table.notes}
    assert notes == {"header_row", "footer"}


def test_a_file_without_a_header_names_its_columns_by_position(tmp_path):
    path = write(tmp_path, "bare.csv", "1,ann@x.example,2024-01-02\n2,bob@x.example,2024-01-03\n")
    assert read_one(path).table.columns == ["Column 1", "Column 2", "Column 3"]
    assert meanings(path) == {"Column 2": "email", "Column 3": "created"}
    assert history(path).leads.height == 2


def test_empty_and_repeated_headers_get_names_and_are_told(tmp_path):
    path = write(tmp_path, "twice.csv", "Email,Note,Note,\nann@x.example,a,b,c\nbob@x.example,d,e,\n")
    assert read_one(path).table.columns == ["Email", "Note", "Note (2)", "Column 4"]
    assert codes(history(path))["duplicate_header"] == 1


def test_columns_and_rows_in_which_nothing_stands_are_dropped(tmp_path):
    path = write(tmp_path, "sparse.csv", "Email,Name,,\nann@x.example,Ann,,\n,,,\n\nbob@x.example,Bob,,\n")
    assert read_one(path).table.columns == ["Email", "Name"]
    assert history(path).leads.height == 2


def test_a_row_with_too_many_cells_is_rejected_and_one_with_too_few_is_filled_up(tmp_path):
    path = write(
        tmp_path,
        "ragged.csv",
        "Name,Email,Source\nAnn,ann@x.example,Web,odd\nBob,bob@x.example\nCat,cat@x.example,Fair\n",
    )
    read = read_one(path)
    assert rows(history(path), "person", "source") == [("Bob", None), ("Cat", "Fair")]
    assert [(reject.row, reject.reason) for reject in read.table.rejects] == [
        (2, "it has 4 cells where the header has 3")
    ]
    assert read.table.frame["#row"].to_list() == [3, 4]


def test_the_row_numbers_are_those_of_the_file(tmp_path):
    path = write(
        tmp_path,
        "gaps.csv",
        "Title,,\n,,\nName,Email,Source\nAnn,ann@x.example,Web\n\nBob,b@x.example,Web,x,y\nCat,c@x.example,Web\n",
    )
    read = read_one(path)
    assert read.table.frame["#row"].to_list() == [4, 7]
    assert read.table.rejects[0].row == 6


def test_quotes_hold_delimiters_line_breaks_and_quotes(tmp_path):
    path = write(
        tmp_path,
        "quoted.csv",
        'Name,Email\n"Lee, Ann",ann@x.example\n"Bob\nRoe","bob@x.example"\n"Cat ""C"" Mas",cat@x.example\n',
    )
    assert history(path).leads["person"].to_list() == ["Lee, Ann", "Bob Roe", 'Cat "C" Mas']


def test_a_quotation_mark_that_is_never_closed_is_told(tmp_path):
    path = write(tmp_path, "open.csv", 'Name,Email\nAnn,ann@x.example\n"Bob,bob@x.example\nCat,cat@x.example\n')
    assert codes(history(path))["unclosed_quote"] == 1


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1", "mac_roman", "cp850"]
)
def test_accents_survive_in_every_encoding(tmp_path, encoding):
    path = write(
        tmp_path,
        "acentos.csv",
        """
        Nombre;Correo;Compañía
        José Núñez;jose@x.example;Peñalver y Cía
        Ángela Martínez Ibáñez;angela@x.example;Construcción Ávila
        Íñigo Muñoz;inigo@x.example;Teléfonos del Año
        """,
        encoding,
    )
    assert rows(history(path), "person", "company")[0] == ("José Núñez", "Peñalver y Cía")
    assert rows(history(path), "person", "company")[2] == ("Íñigo Muñoz", "Teléfonos del Año")


def test_an_accent_far_down_in_a_large_file_decides_its_encoding(tmp_path):
    head = "Name,Email\n" + "".join(f"Ann {n},ann{n}@x.example\n" for n in range(60_000))
    path = tmp_path / "late.csv"
    path.write_bytes(head.encode() + "José,jose@x.example\n".encode("cp1252"))
    assert history(path).leads["person"][-1] == "José"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_delimiter_is_found(tmp_path, delimiter):
    assert told(write(tmp_path, "a.txt", as_text(delimiter))) == EXPECTED


def test_excels_line_that_names_the_delimiter_is_obeyed(tmp_path):
    assert told(write(tmp_path, "a.csv", "sep=;\n" + as_text(";"))) == EXPECTED


def test_line_ends_of_old_macs_and_of_windows(tmp_path):
    for name, end in (("mac.csv", "\r"), ("windows.csv", "\r\n")):
        path = tmp_path / name
        path.write_bytes(as_text().replace("\n", end).encode())
        assert told(path) == EXPECTED


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv", "a.bin"])
def test_a_workbook_is_known_by_its_content(tmp_path, name):
    book = workbook(tmp_path, "b.xlsx", {"Sheet": PEOPLE}).rename(tmp_path / name)
    assert told(book) == EXPECTED
    assert ("file_kind" in codes(history(book))) == (name != "a.xlsx")


def test_opendocument_and_old_workbooks(tmp_path):
    assert told(ods(tmp_path, "a.ods", PEOPLE)) == EXPECTED
    assert told(old_workbook(tmp_path, "a.xls", PEOPLE)) == EXPECTED


def test_text_under_the_name_of_a_workbook(tmp_path):
    assert told(write(tmp_path, "a.xlsx", as_text())) == EXPECTED


def test_gzip_and_zip_are_unpacked(tmp_path):
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(as_text().encode()))
    assert told(packed) == EXPECTED
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("folder/a.csv", as_text())
        archive.writestr("__MACOSX/._a.csv", "clutter")
    assert told(tmp_path / "a.zip") == EXPECTED


def test_a_header_that_is_not_in_the_first_row_or_column_of_a_sheet(tmp_path):
    cells = [[], ["", "Leads of May"], [], *(["", *row] for row in PEOPLE), ["", "Total", "", "", 1013.5]]
    path = workbook(tmp_path, "a.xlsx", {"Sheet": cells})
    assert told(path) == EXPECTED
    assert read_one(path).table.frame["#row"].to_list() == [5, 6, 7]


def test_only_visible_sheets_are_read_and_sheets_of_one_form_are_one_table(tmp_path):
    import openpyxl

    path = workbook(
        tmp_path, "a.xlsx", {"Jan": PEOPLE[:2], "Feb": [PEOPLE[0], *PEOPLE[2:]], "Old": PEOPLE, "Empty": []}
    )
    book = openpyxl.load_workbook(path)
    book["Old"].sheet_state = "hidden"
    book.save(path)
    assert told(path) == EXPECTED


def test_formulas_are_not_evaluated(tmp_path):
    cells = [*PEOPLE[:3], ['=HYPERLINK("http://evil.example","x")', "cat@x.example", "2024-03-07", "=1+1", "Open"]]
    path = workbook(tmp_path, "a.xlsx", {"Sheet": cells})
    assert told(path)[2][0] in (None, "")  # openpyxl stores no result, and nobody computes one
    text = write(tmp_path, "a.csv", "Name,Email\n=1+1,ann@x.example\n@SUM(A1),bob@x.example\n")
    assert history(text).leads["person"].to_list() == ["=1+1", "@SUM(A1)"]


def test_words_for_nothing_are_nothing(tmp_path):
    words = [
        "Select",
        "N/A",
        "-",
        "null",
        "(none)",
        "sin especificar",
        "#N/A",
        "NaN",
        "--None--",
        "No especificado",
        "NA",
        " ",
    ]
    lines = "".join(f"p{n}@x.example,{word},{n}\n" for n, word in enumerate(words))
    path = write(tmp_path, "a.csv", f"Email,Source,Visits\n{lines}last@x.example,Web,9\nun@x.example,unknown,8\n")
    assert history(path).leads["source"].to_list() == [None] * len(words) + ["Web", "unknown"]


def test_na_is_namibia_among_country_codes(tmp_path):
    path = write(tmp_path, "a.csv", "Email,Country\na@x.example,NA\nb@x.example,ES\nc@x.example,PT\nd@x.example,MX\n")
    assert history(path).leads["trait:Country"].to_list() == ["NA", "ES", "PT", "MX"]


def test_codes_keep_their_zeros(tmp_path):
    path = write(tmp_path, "a.csv", "Email,Zip,Size\na@x.example,08001,1\nb@x.example,28013,2\n")
    leads = history(path).leads
    assert leads["trait:Zip"].to_list() == ["08001", "28013"]
    assert leads["trait:Size"].dtype == pl.Float64


def test_rows_that_say_the_same_are_one_and_a_key_that_stands_twice_is_told(tmp_path):
    path = write(
        tmp_path,
        "a.csv",
        "Lead ID,Source\n1,Web\n2,Fair\n2,Fair\n3,Web\n3,Fair\n" + "".join(f"{n},Web\n" for n in range(4, 30)),
    )
    told = history(path)
    assert told.leads.height == 29
    assert codes(told)["repeated_rows"] == 1
    assert codes(told)["duplicate_leads"] == 1


def test_dates_that_are_none_and_dates_of_both_orders_are_told(tmp_path):
    lines = "".join(f"p{n}@x.example,{n + 1:02}/0{n % 9 + 1}/2024\n" for n in range(30))
    path = write(tmp_path, "a.csv", f"Email,Created\n{lines}bad@x.example,32/13/2024\nusa@x.example,03/25/2024\n")
    told = history(path)
    assert codes(told)["bad_dates"] == 1
    assert codes(told)["mixed_date_formats"] == 1
    assert str(told.leads["created_at"][-1].date()) == "2024-03-25"


def test_mixed_currencies_are_told(tmp_path):
    path = write(tmp_path, "a.csv", "Deal ID,Stage,Amount,Currency\n1,Won,10,EUR\n2,Won,20,EUR\n3,Lost,30,USD\n")
    assert codes(history(path))["mixed_currencies"] == 1


def test_near_duplicate_names_are_told_but_numbered_ones_are_not(tmp_path):
    sources = ["Trade Fair"] * 9 + ["Trade Fiar"] + ["Campaign 2023"] * 5 + ["Campaign 2024"] * 4
    lines = "".join(f"p{n}@x.example,{source}\n" for n, source in enumerate(sources))
    told = history(write(tmp_path, "a.csv", f"Email,Source\n{lines}"))
    (warning,) = [warning for warning in told.warnings if warning.code == "near_duplicate_names"]
    assert warning.count == 1
    assert "Trade Fiar" in warning.example
