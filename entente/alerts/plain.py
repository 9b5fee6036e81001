"""Texts that strangers wrote, made fit to stand in a line of somebody's mail or chat. Pure.

A visitor chooses their own name, title and the address of the page they look at. None of it may turn into markup, a
mention that wakes a whole channel, a link of theirs, a second header of a mail, or a line that reads backwards.
"""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST: Final = 300

TURNING: Final = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the reading direction."""

JOINER: Final = "\u2060"
"""Takes no room, is never broken at, and is no part of a mention, a tag or a link."""

ALIKE: Final = str.maketrans(
    {
        "<": "\u2039", ">": "\u203a", "[": "\u2772", "]": "\u2773", "{": "\u2774", "}": "\u2775", "*": "\u2217",
        "_": "\u02cd", "`": "\u02bc", "~": "\u223c", "|": "\u01c0", "&": "\uff06", "\\": "\uff3c",
        "@": f"@{JOINER}", "#": f"#{JOINER}",
    }
)  # fmt: skip
"""Signs that some chat takes for markup or a mention, and what looks the same to people and says nothing to it."""


def one_line(text: str, longest: int = LONGEST) -> str:
    """The text in one line without anything that cannot be seen, cut where it is long."""
    seen = "".join(" " if _separates(character) else character for character in text if not _hides(character))
    line = " ".join(seen.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def for_chat(text: str) -> str:
    """The same for a service that reads markup, mentions and links out of a text, each in its own way."""
    return one_line(text).translate(ALIKE).replace("://", f":{JOINER}//").replace("www.", f"www{JOINER}.")


def _separates(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Zl", "Zp")


def _hides(character: str) -> bool:
    return unicodedata.category(character) in ("Cs", "Co", "Cn") or character in TURNING
