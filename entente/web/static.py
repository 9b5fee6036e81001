"""Addresses of our static files carry a hash of their content, so that browsers may keep them for a year.

Files are served from the package as they are; nothing is collected, copied or built.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


class VersionedStatic(StaticFilesStorage):
    def url(self, name: str | None, *args: Any, **kwargs: Any) -> str:
        address = super().url(name)
        version = _version(str(name)) if not settings.DEBUG else ""
        return f"{address}?v={version}" if version else address


@lru_cache(maxsize=512)
def _version(name: str) -> str:
    found = finders.find(name)
    if not isinstance(found, str):
        return ""
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:12]
