"""What a file really is, told by its first bytes and never by its name, and what is inside when it is packed."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Literal

from entente.connectors.files import limits
from entente.connectors.files.problems import FileProblem

Kind = Literal["text", "xlsx", "xls", "ods"]

EXPORT_AGAIN: Final = "Export it again as CSV or as an Excel workbook (.xlsx)"
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FOREIGN: Final = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"SQLite format 3\0": "an SQLite database",
    b"PAR1": "a Parquet file",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x7fELF": "a program",
    b"{\\rtf": "a text document (RTF)",
}
NO_TABLES: Final = {
    ".md": "a Markdown document", ".rst": "a document", ".tex": "a document", ".eml": "a mail",
    ".json": "JSON", ".yaml": "YAML", ".yml": "YAML", ".toml": "TOML", ".ini": "a settings file", ".sql": "SQL",
    ".py": "a program", ".js": "a program", ".sh": "a program", ".log": "a log of a program",
}  # fmt: skip
"""Texts in which something like columns can be found, and never what was meant."""
ENDINGS: Final = {
    "text": {".csv", ".tsv", ".tab", ".txt", ".psv", ".gz", ".zip", ""},
    "xlsx": {".xlsx", ".xlsm", ".zip", ".gz"},
    "xls": {".xls", ".zip", ".gz"},
    "ods": {".ods", ".zip", ".gz"},
}


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read: on disk where it lies there plainly, in memory where it was unpacked."""

    name: str
    kind: Kind
    data: Path | bytes

    def open(self) -> IO[bytes]:
        """The bytes, from the start."""
        return io.BytesIO(self.data) if isinstance(self.data, bytes) else self.data.open("rb")

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self.data) if isinstance(self.data, bytes) else self.data.stat().st_size

    @property
    def ending_lies(self) -> bool:
        """Whether the name's ending says another kind, such as a workbook under a `.csv` name."""
        return Path(self.name).suffix.lower() not in ENDINGS[self.kind]


def open_file(path: Path) -> list[Source]:
    """The readable files at a path: one, or those inside when it is an archive. Raises `FileProblem`."""
    name = path.name
    if not path.exists():
        raise FileProblem(str(path), "there is no such file", "Check the spelling and the folder")
    if path.is_dir():
        raise FileProblem(str(path), "this is a folder", "Name the files in it, for example with folder/*.csv")
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(4096)
    except OSError as error:
        raise FileProblem(str(path), f"it cannot be opened ({error.strerror})", "Check who may read it") from error
    if size > limits.FILE_BYTES:
        raise FileProblem(name, f"it has {size >> 20} MB, the limit is {limits.FILE_BYTES >> 20} MB", "Split it")
    return _sources(name, path, head, depth=0)


def _sources(name: str, data: Path | bytes, head: bytes, depth: int) -> list[Source]:
    """Name the kind by its first bytes; unpack one level of gzip or zip."""
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise FileProblem(name, "it is empty", EXPORT_AGAIN)
    for magic, what in FOREIGN.items():
        if head.startswith(magic):
            raise FileProblem(name, f"it is {what}, not a table", EXPORT_AGAIN)
    if head.startswith(OLE):
        return [_old_workbook(Source(name, "xls", data))]
    packed = head.startswith((b"\x1f\x8b", b"PK\x03\x04"))
    if packed and depth > 1:
        raise FileProblem(name, "it is an archive in an archive in an archive", "Unpack it first")
    if head.startswith(b"\x1f\x8b"):
        return _from_gzip(name, data, depth)
    if head.startswith(b"PK\x03\x04"):
        return _from_zip(name, data, depth)
    if text := NO_TABLES.get(Path(name).suffix.lower()):
        raise FileProblem(name, f"by its name it is {text}, not a table", f"{EXPORT_AGAIN}, or rename it if it is one")
    _refuse_markup_and_binary(name, head)
    return [Source(name, "text", data)]


def _refuse_markup_and_binary(name: str, head: bytes) -> None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<workbook")):
        raise FileProblem(
            name, "it is a web page or XML under another name", "Open it in a spreadsheet and save as .xlsx"
        )
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or _looks_like_utf16(head):
        return
    controls = sum(head.count(bytes([byte])) for byte in range(32) if byte not in b"\t\n\r\x0c\x1f\x1e\x1b")
    if controls > len(head) * 0.01:
        raise FileProblem(name, "it is not text (a program, a picture or a database?)", EXPORT_AGAIN)


def _looks_like_utf16(head: bytes) -> bool:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    return max(even, odd) > len(head) * 0.2 and min(even, odd) < len(head) * 0.02


def _old_workbook(source: Source) -> Source:
    """An OLE file is an old workbook, or a new one behind a password."""
    with source.open() as stream:
        content = stream.read()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise _locked(source.name)
    if "WordDocument".encode("utf-16-le") in content:
        raise FileProblem(source.name, "it is a Word document, not a table", EXPORT_AGAIN)
    return source


def _locked(name: str) -> FileProblem:
    return FileProblem(name, "the workbook is protected by a password", "Open it, remove the password, and save a copy")


def _from_gzip(name: str, data: Path | bytes, depth: int) -> list[Source]:
    raw: IO[bytes] = io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")
    packed = len(data) if isinstance(data, bytes) else data.stat().st_size
    try:
        with raw, gzip.GzipFile(fileobj=raw) as stream:
            content = _bounded(name, stream, packed)
    except (OSError, EOFError, ValueError) as error:
        raise FileProblem(name, "the gzip file is damaged or cut off", "Copy or export it again") from error
    inner = name[:-3] if name.lower().endswith(".gz") else name
    return _sources(inner, content, content[:4096], depth + 1)


def _bounded(name: str, stream: IO[bytes] | gzip.GzipFile, packed: int) -> bytes:
    """Unpack, but never beyond what an honest file would need."""
    out = io.BytesIO()
    allowed = min(limits.FILE_BYTES, max(limits.SMALL_BYTES, packed * limits.UNPACKED_TIMES))
    while chunk := stream.read(limits.MEGABYTE):
        if out.tell() + len(chunk) > allowed:
            raise FileProblem(name, f"it unpacks to more than {allowed >> 20} MB", "Unpack it and split it")
        out.write(chunk)
    return out.getvalue()


def _from_zip(name: str, data: Path | bytes, depth: int) -> list[Source]:
    raw: IO[bytes] = io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")
    packed = len(data) if isinstance(data, bytes) else data.stat().st_size
    try:
        with raw, zipfile.ZipFile(raw) as archive:
            kind = _workbook_kind(name, archive)
            if kind:
                _refuse_bomb(name, archive, packed)
                return [Source(name, kind, data)]
            return list(_members(name, archive, packed, depth))
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError) as error:  # the last: packed in a way unknown
        raise FileProblem(name, "the file is damaged or cut off", "Copy or export it again") from error


def _workbook_kind(name: str, archive: zipfile.ZipFile) -> Kind | None:
    names = set(archive.namelist())
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        raise FileProblem(name, "it is a binary workbook (.xlsb)", "Save it as .xlsx")
    if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
        mimetype = archive.read("mimetype").decode("ascii", "replace")
        if "opendocument.spreadsheet" in mimetype:
            if b"encryption-data" in archive.read("META-INF/manifest.xml")[: limits.MEGABYTE]:
                raise _locked(name)
            return "ods"
    if names & {"word/document.xml", "ppt/presentation.xml"} or "mimetype" in names:
        raise FileProblem(name, "it is a document, not a table", EXPORT_AGAIN)
    return None


def _refuse_bomb(name: str, archive: zipfile.ZipFile, packed: int) -> None:
    """Count what really comes out: the sizes written in an archive can lie."""
    allowed = min(limits.FILE_BYTES, max(limits.SMALL_BYTES, packed * limits.UNPACKED_TIMES))
    total = 0
    for member in archive.infolist():
        with archive.open(member) as stream:
            while chunk := stream.read(limits.MEGABYTE):
                total += len(chunk)
                if total > allowed:
                    raise FileProblem(
                        name, f"it unpacks to more than {allowed >> 20} MB", "Save it as CSV, or split it"
                    )


def _members(name: str, archive: zipfile.ZipFile, packed: int, depth: int) -> Iterator[Source]:
    members = [m for m in archive.infolist() if not m.is_dir() and not _is_clutter(m.filename)]
    if not members:
        raise FileProblem(name, "the archive has no file in it", EXPORT_AGAIN)
    if len(members) > limits.ARCHIVE_FILES:
        raise FileProblem(name, f"the archive has {len(members)} files", f"Name at most {limits.ARCHIVE_FILES} files")
    for member in members:
        if member.flag_bits & 1:
            raise FileProblem(name, "the archive is protected by a password", "Unpack it first")
        with archive.open(member) as stream:
            content = _bounded(name, stream, packed)
        yield from _sources(Path(member.filename).name, content, content[:4096], depth + 1)


def _is_clutter(filename: str) -> bool:
    return filename.startswith("__MACOSX/") or Path(filename).name.startswith(".")
