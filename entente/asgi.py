"""The ASGI application that granian serves: the collector, and in the same process the pages.

The pages are loaded when the first is asked for: a process that collects only stays at half of its size.
"""

from __future__ import annotations

import asyncio
import os
from functools import cache
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entente.settings")
django.setup()

from entente.events.collector.app import is_for_collector  # noqa: E402 (Django comes first)
from entente.events.collector.serving import collector  # noqa: E402 (as above)

_loading = asyncio.Lock()
_loaded: list[Any] = []


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http" and is_for_collector(scope["path"]):
        await collector()(scope, receive, send)
    else:
        await (await _pages())(scope, receive, send)


async def _pages() -> Any:
    """Django's handler; loaded in a thread, so that events are taken in meanwhile."""
    if not _loaded:
        async with _loading:
            if not _loaded:
                _loaded.append(await asyncio.to_thread(_load_pages))
    return _loaded[0]


@cache
def _load_pages() -> Any:
    from django.core.asgi import get_asgi_application
    from django.urls import get_resolver

    handler = get_asgi_application()
    _ = get_resolver().url_patterns
    return handler
