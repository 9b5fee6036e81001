"""The status in Prometheus' text format, one gauge for each of its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ninja import Schema
from pydantic import BaseModel

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


def as_metrics(status: Schema) -> str:
    """Every number of the status, named by its path: `entente_lag_events`."""
    return "".join(_gauges(status, "entente"))


def _gauges(body: BaseModel, prefix: str) -> Iterator[str]:
    for name, field in type(body).model_fields.items():
        value: Any = getattr(body, name)
        if isinstance(value, BaseModel):
            yield from _gauges(value, f"{prefix}_{name}")
        elif isinstance(value, (bool, int, float)):
            told = (field.description or "").replace("\n", " ")
            yield f"# HELP {prefix}_{name} {told}\n# TYPE {prefix}_{name} gauge\n{prefix}_{name} {float(value):g}\n"
