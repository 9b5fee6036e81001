"""Lengths of time in words that need no translation. Pure."""

from __future__ import annotations

from datetime import timedelta


def in_words(length: timedelta) -> str:
    """`3 h 12 min`, `45 min`, `20 s`: business time is said in hours, however many, for a day has no fixed length.

    Parts of a minute are left out where there are minutes.
    """
    if length < timedelta(0):
        return f"-{in_words(-length)}"
    seconds = int(length.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    parts = [f"{hours:,} h".replace(",", "\u202f") if hours else "", f"{minutes} min" if minutes or not hours else ""]
    return " ".join(part for part in parts if part)
