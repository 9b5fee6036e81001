"""The real public files beside the project, where they are; they are read there and never copied."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared(folder: str) -> Path:
    """The folder of one data set, or a skip that says that it is not here."""
    path = SHARED / folder
    if not path.is_dir():
        pytest.skip(f"the public data set '{folder}' is not beside this checkout (../shared/data/{folder})")
    return path
