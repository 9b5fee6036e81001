"""Writing a document as YAML that people like to read: what belongs to one rule stands in one line. Pure."""

from __future__ import annotations

import io
import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import Node
from ruamel.yaml.representer import SafeRepresenter

from entente.agreements.tree import written

LINE_WIDTH = 1000  # a rule is never broken: its halves would be harder to read than a long line
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def yaml_text(data: dict[str, Any]) -> str:
    """The data, of JSON's kinds, as YAML 1.2."""
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.Representer = _Representer
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False
    yaml.allow_unicode = True
    yaml.width = LINE_WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(_with_lines(data), out)
    return out.getvalue()


class _Line(dict[str, Any]):
    """A table that stands in one line."""


class _Words(list[Any]):
    """A list that stands in one line."""


class _Representer(SafeRepresenter):
    pass


def _with_lines(data: Any, in_list: bool = False) -> Any:
    if isinstance(data, dict):
        inner = all(not isinstance(value, (dict, list)) for value in data.values())
        if in_list or (inner and data):
            return _Line(data)
        return {key: _with_lines(value) for key, value in data.items()}
    if isinstance(data, list):
        if all(isinstance(item, str) for item in data):
            return _Words(data)
        return [_with_lines(item, in_list=True) for item in data]
    return data


def _line(representer: SafeRepresenter, data: dict[str, Any]) -> Node:
    return representer.represent_mapping("tag:yaml.org,2002:map", data, flow_style=True)


def _words(representer: SafeRepresenter, data: list[Any]) -> Node:
    return representer.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)


def _float(representer: SafeRepresenter, data: float) -> Node:
    return representer.represent_scalar("tag:yaml.org,2002:float", written(data))


def _text(representer: SafeRepresenter, data: str) -> Node:
    """Days are written bare, as people do; the reader takes them for what they are."""
    tag = "tag:yaml.org,2002:timestamp" if DAY.fullmatch(data) else "tag:yaml.org,2002:str"
    return representer.represent_scalar(tag, data)


_Representer.add_representer(_Line, _line)
_Representer.add_representer(_Words, _words)
_Representer.add_representer(float, _float)
_Representer.add_representer(str, _text)
