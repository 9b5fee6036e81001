"""A file that cannot be read is refused in words that say which, what is wrong, and what to do."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from entente.connectors.files import FileProblem, limits, read_history
from tests.connectors.files import compound, workbook, write


def problem(*paths) -> FileProblem:
    with pytest.raises(FileProblem) as caught:
        read_history(list(paths))
    assert caught.value.remedy
    assert caught.value.file
    return caught.value


def test_a_file_that_is_not_there(tmp_path):
    assert "no such file" in problem(tmp_path / "none.csv").what


def test_a_folder(tmp_path):
    assert "folder" in problem(tmp_path).what


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf", b",,,\n,,\n"])
def test_an_empty_file(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    problem(path)


def test_a_header_without_rows(tmp_path):
    assert "no rows" in problem(write(tmp_path, "a.csv", "Name,Email\n")).what


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.7\n...", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "picture"),
        (b"SQLite format 3\0" + bytes(50), "SQLite"),
        (b"PAR1" + bytes(50), "Parquet"),
        (bytes(range(256)) * 4, "not text"),
        (b"<html><body><table></table></body></html>", "web page"),
        (b"PK\x03\x04broken", "damaged"),
        (b"\x1f\x8bbroken", "damaged"),
    ],
)
def test_what_is_no_table(tmp_path, content, what):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert what in problem(path).what


def test_a_word_document(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert "document" in problem(tmp_path / "a.xlsx").what


def test_a_workbook_behind_a_password(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(compound("EncryptedPackage", b"secret"))
    assert "password" in problem(path).what


def test_a_workbook_that_is_cut_off(tmp_path):
    path = workbook(tmp_path, "a.xlsx", {"Sheet": [["Name", "Email"], ["Ann", "ann@x.example"]]})
    path.write_bytes(path.read_bytes()[:-200])
    assert "damaged" in problem(path).what


def test_an_archive_that_unpacks_to_far_more_than_an_honest_one(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "SMALL_BYTES", 1 << 20)
    bomb = tmp_path / "bomb.csv.gz"
    bomb.write_bytes(gzip.compress(b"a,b\n" + bytes(b"0" * (8 << 20))))
    assert "unpacks to more" in problem(bomb).what
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"0" * (8 << 20))
    assert "unpacks to more" in problem(tmp_path / "bomb.zip").what


def test_a_workbook_that_unpacks_to_far_more_than_an_honest_one(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "SMALL_BYTES", 1 << 20)
    path = workbook(tmp_path, "a.xlsx", {"Sheet": [["Name"], ["Ann"]]})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings2.xml", b"0" * (8 << 20))
    assert "unpacks to more" in problem(path).what


def test_archives_within_archives_end(tmp_path):
    inner = b"Name,Email\nAnn,a@x.example\n"
    for depth in range(4):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(f"{depth}.zip", inner)
        inner = out.getvalue()
    path = tmp_path / "deep.zip"
    path.write_bytes(inner)
    assert "archive" in problem(path).what


def test_two_cells_in_far_corners_of_a_sheet_do_not_fill_the_memory(tmp_path):
    path = tmp_path / "far.xlsx"
    import openpyxl

    book = openpyxl.Workbook()
    book.active["A1"] = "Email"
    book.active["XFD1048576"] = "x"
    book.save(path)
    assert "spans 1,048,576 rows by 16,384 columns" in problem(path).what


def test_an_opendocument_cell_that_claims_to_stand_a_billion_times(tmp_path):
    path = tmp_path / "a.ods"
    row = (
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell office:value-type="float" '
        'office:value="1" table:number-columns-repeated="1000"/></table:table-row>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"<office:spreadsheet><table:table>{row}</table:table></office:spreadsheet>")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    assert "repeats cells" in problem(path).what


def test_too_many_columns(tmp_path):
    header = ",".join(f"Email {n}" for n in range(limits.COLUMNS + 1))
    assert "columns" in problem(write(tmp_path, "wide.csv", f"{header}\n{header}\n")).what


def test_too_many_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "ROWS", 5)
    path = write(tmp_path, "long.csv", "Email\n" + "".join(f"p{n}@x.example\n" for n in range(9)))
    assert "rows" in problem(path).what


def test_a_table_in_which_no_column_can_be_used(tmp_path):
    found = problem(write(tmp_path, "useless.csv", "alpha,beta\nx,1\ny,2\n"))
    assert "alpha" in found.what
    assert "--mapping" in found.remedy


def test_too_many_files(tmp_path):
    path = write(tmp_path, "a.csv", "Email\na@x.example\n")
    problem(*[path] * (limits.FILES + 1))


@pytest.mark.parametrize("name", ["README.md", "package.json", "query.sql"])
def test_a_text_that_is_no_table_by_its_name_is_refused_although_columns_could_be_read_into_it(tmp_path, name):
    (tmp_path / name).write_text("| lead | stage |\n|---|---|\n| Ana | won |\n")
    assert "not a table" in problem(tmp_path / name).what
    assert "rename it" in problem(tmp_path / name).remedy
