"""Values as the log can hold them: JSON that PostgreSQL takes, whatever a sender puts into it. Pure: no Django here.

NUL characters are taken out and lone surrogates become U+FFFD, since PostgreSQL stores neither. Numbers that are none
(NaN, infinities) become null. Whole numbers beyond 64 bits become their digits as text, so that nothing is rounded.
What is nested too deeply, or has too many digits, is refused.
"""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Any, Final

DEEPEST: Final = 32
MOST_DIGITS: Final = 400


_DIGITS_AS_ZEROES: Final = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER: Final = b"0" * 19


class Unfit(ValueError):
    """The value cannot be kept; the text says why."""


def is_clean_json(text: bytes) -> bool:
    """Whether a look at the JSON text is enough to know that `clean` would change nothing of its value.

    It is for nearly all: no escaped characters, no long numbers, not enough brackets to be deep. The text must be one
    that msgspec has read, which takes neither NaN nor lone surrogates.
    """
    if b"\\u" in text or text.count(b"{") + text.count(b"[") > DEEPEST:
        return False
    return _LONG_NUMBER not in text.translate(_DIGITS_AS_ZEROES)


def clean_text(text: str) -> str:
    """The text without NUL characters and lone surrogates."""
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    return text.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def clean(value: Any, depth: int = 0) -> Any:
    """The JSON value as the log can hold it; raises Unfit for what it cannot."""
    if isinstance(value, str):
        return clean_text(value)
    if value is None or isinstance(value, (bool, int, float)):
        return _number(value)
    if depth >= DEEPEST:
        raise Unfit(f"nested more than {DEEPEST} deep")
    if isinstance(value, dict):
        return {clean_text(str(key)): clean(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(item, depth + 1) for item in value]
    return _from_python(value)


def _number(number: float | None) -> float | str | None:
    if isinstance(number, float):
        return number if math.isfinite(number) else None
    return number if number is None or -(2**63) <= number < 2**63 else _digits(number)


def _digits(number: int) -> str:
    if abs(number) >= 10**MOST_DIGITS:
        raise Unfit(f"a number of more than {MOST_DIGITS} digits")
    return str(number)


def _from_python(value: Any) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return clean_text(str(value))
