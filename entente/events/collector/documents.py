"""What browsers fetch: our script, and the settings that Segment's browser SDK asks for before it sends."""

from __future__ import annotations

import gzip
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

SCRIPT: Final = Path(__file__).parent / "static" / "entente.js"


class Script(NamedTuple):
    """The script as it is sent."""

    plain: bytes
    zipped: bytes
    tag: bytes


@lru_cache
def script() -> Script:
    """Our script, read once, without its comments and indentation."""
    lines = (line.strip() for line in SCRIPT.read_bytes().splitlines())
    plain = b"\n".join(line for line in lines if line and not line.startswith(b"//")) + b"\n"
    return Script(plain, gzip.compress(plain, 9, mtime=0), b'"' + sha256(plain).hexdigest()[:24].encode() + b'"')


def settings_for(key: str, scheme: str, host: str) -> dict[str, Any]:
    """The settings with which `@segment/analytics-next` sends to us, and nowhere else.

    Nothing is sampled for Segment's own metrics, no plan forbids an event, no other destination is loaded.
    """
    everything = {"__default": {"enabled": True, "integrations": {}}}
    return {
        "integrations": {
            "Segment.io": {
                "apiKey": key,
                "apiHost": f"{host}/v1",
                "protocol": scheme,
                "unbundledIntegrations": [],
                "addBundledMetadata": False,
                "maybeBundledConfigIds": {},
                "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
            }
        },
        "plan": {"track": everything, "identify": {"__default": {"enabled": True}}, "group": everything},
        "edgeFunction": {},
        "analyticsNextEnabled": True,
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "metrics": {"sampleRate": 0, "host": f"{host}/v1"},
        "legacyVideoPluginsEnabled": False,
        "remotePlugins": [],
    }
