"""Which user agents are machines: crawlers, monitors, headless browsers. From the list that crawlerdetect keeps.

Pure: no Django here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from crawlerdetect import CrawlerDetect

LONGEST: Final = 512
"""Characters of a user agent that are looked at."""

_detector = CrawlerDetect()


def is_machine(user_agent: object) -> bool:
    """Whether a user agent names a machine. An empty one, and what is no text, names none."""
    return isinstance(user_agent, str) and bool(user_agent) and _is_machine(user_agent[:LONGEST])


@lru_cache(maxsize=8_192)
def _is_machine(user_agent: str) -> bool:
    return bool(_detector.is_crawler(user_agent))
