"""Agreements to begin with, one a language, ready to be used as they are. Pure."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files
from typing import Final

LANGUAGES: Final = ("en", "es")


def template(language: str = "en", effective: date | None = None) -> str:
    """The YAML, with its comments, of the agreement to begin with; in force from `effective`, by default 2026-01-01.

    Raises KeyError for a language that is not of LANGUAGES.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    text = (files(__package__) / f"{language}.yaml").read_text("utf-8")
    if effective is None:
        return text
    return re.sub(r"^effective: \S+", f"effective: {effective.isoformat()}", text, count=1, flags=re.MULTILINE)
