"""Which encoding a text file is in.

UTF-8 proves itself: text in another encoding is practically never valid UTF-8, so the whole file is tried. Where it is
not, only lines with letters beyond ASCII say anything, so those are what is judged.
"""

from __future__ import annotations

import codecs
from typing import IO, Final

from charset_normalizer import from_bytes

from entente.connectors.files.limits import MEGABYTE

WESTERN: Final = ("cp1252", "mac_roman", "cp850", "latin_1")
LETTERS: Final = frozenset(
    "áéíóúüñÁÉÍÓÚÜÑçÇãõÃÕâêôÂÊàèìòùÀÈäöåæøßÄÖïëºª¿¡€£…·°®™ \xa0\u2013\u2014\u2018\u2019\u201c\u201d"
)
EVIDENCE: Final = 64 * 1024


def guess_encoding(stream: IO[bytes]) -> str:
    """The Python name of the encoding, with `utf-8-sig` and `utf-16` where there is a byte order mark."""
    head = stream.read(4096)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head[1::2].count(0) > len(head) * 0.2:
        return "utf-16-le"
    if head[0::2].count(0) > len(head) * 0.2:
        return "utf-16-be"
    stream.seek(0)
    evidence = _lines_beyond_utf8(stream)
    return "utf-8" if evidence is None else _legacy(evidence)


def _lines_beyond_utf8(stream: IO[bytes]) -> bytes | None:
    """None where the whole stream is UTF-8; else some of its lines that are beyond ASCII."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    valid, evidence = True, bytearray()
    while chunk := stream.read(4 * MEGABYTE):
        if valid:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                valid = False
        if not chunk.isascii() and len(evidence) < EVIDENCE:
            lines = (line for line in chunk.splitlines() if not line.isascii())
            for line in lines:
                evidence += line + b"\n"
                if len(evidence) >= EVIDENCE:
                    break
        if not valid and len(evidence) >= EVIDENCE:
            break
    if valid:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            valid = False
    return None if valid else bytes(evidence)


def _legacy(evidence: bytes) -> str:
    """Windows-1252 and its neighbours by the letters they would give; anything rarer by charset-normalizer."""
    beyond = bytes(byte for byte in evidence if byte > 127)
    scores = {encoding: _share_of_letters(beyond, encoding) for encoding in WESTERN}
    best = max(WESTERN, key=lambda encoding: (scores[encoding], -WESTERN.index(encoding)))
    if scores[best] >= 0.8:
        return best
    match = from_bytes(evidence).best()
    return match.encoding if match else best


def _share_of_letters(beyond: bytes, encoding: str) -> float:
    try:
        text = beyond.decode(encoding)
    except UnicodeDecodeError:
        return 0.0
    return sum(character in LETTERS for character in text) / max(1, len(text))
