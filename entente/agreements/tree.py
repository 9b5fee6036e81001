"""A document as a tree of nodes that know their lines: from YAML text, or from plain data. Pure.

YAML is read in its version 1.2 by the event parser of ruamel.yaml; what a plain word is (`NO`, `on` and `10:00` are
texts) is decided here, so that it does not hang on a library's taste. Aliases, tags and second documents are refused:
a document that two parties sign says everything once and where it stands.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeAlias

from entente.agreements.problems import AgreementError, Problem

MAX_BYTES: Final = 200_000
MAX_DEPTH: Final = 40


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value; `text` is as written, `value` what it stands for (a text, number, boolean, or None for nothing)."""

    line: int
    text: str
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Listing:
    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Keys and values in the order written; a key may stand twice."""

    line: int
    entries: tuple[tuple[Scalar, Node], ...]


Node: TypeAlias = Scalar | Listing | Table

WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# No leading zeros and no plus: 08001 is a post code and +34 a telephone prefix, not numbers.
WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,14})", re.ASCII)
DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,30}", re.ASCII)


def plain_value(text: str) -> str | int | float | bool | None:
    """What an unquoted word stands for."""
    if text in WORDS:
        return WORDS[text]
    if WHOLE.fullmatch(text):
        return int(text)
    if DECIMAL.fullmatch(text):
        return float(text)
    return text


def tree_from_text(text: str) -> Node:
    """Read YAML; raises AgreementError when it cannot be read as one plain document."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    _refuse_unreadable(text)
    try:
        events = list(_events(YAML(typ="safe", pure=True).parse(text)))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        reason = error.problem or error.context or "it cannot be read"
        raise AgreementError([_broken(line, reason)]) from error
    except (YAMLError, ValueError) as error:
        raise AgreementError([_broken(0, str(error).splitlines()[0])]) from error
    _refuse_references(events)
    return _TreeBuilder(events).build()


def tree_from_data(data: object, depth: int = 0) -> Node:
    """The same tree, without lines, from what JSON gives: dicts, lists, texts, numbers, booleans, None."""
    if depth > MAX_DEPTH:
        raise AgreementError([_too_deep(0)])
    match data:
        case dict():
            entries = ((str(key), tree_from_data(value, depth + 1)) for key, value in data.items())
            return Table(0, tuple((Scalar(0, key, key), node) for key, node in entries))
        case list() | tuple():
            return Listing(0, tuple(tree_from_data(item, depth + 1) for item in data))
        case str() | bool() | int() | float() | None:
            return Scalar(0, written(data), data)
    raise TypeError(f"a document holds no {type(data).__name__}")


def written(value: str | bool | int | float | None) -> str:
    """A plain value as YAML writes it, numbers without exponent."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if math.isfinite(value):
            return f"{Decimal(repr(value)):f}"
        case int() if abs(value) > 10**30:
            return "a huge number"  # Python refuses to write very long ones out
    return str(value)


def _events(events: Iterable[Any]) -> Iterator[Any]:
    """The events, as long as they are not nested too deep: the parser takes very long over such texts."""
    depth = 0
    for event in events:
        name = type(event).__name__
        depth += name in ("MappingStartEvent", "SequenceStartEvent")
        depth -= name in ("MappingEndEvent", "SequenceEndEvent")
        if depth > MAX_DEPTH:
            raise AgreementError([_too_deep(event.start_mark.line + 1)])
        yield event


def _broken(line: int, reason: str) -> Problem:
    return Problem(
        line,
        "",
        f"this is not YAML: {reason}",
        "check indentation, quotes and brackets in this line and the one before",
    )


def _too_deep(line: int) -> Problem:
    return Problem(line, "", f"this is nested more than {MAX_DEPTH} deep", "make it flatter")


def _refuse_unreadable(text: str) -> None:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise AgreementError(
            [Problem(0, "", f"the document is larger than {MAX_BYTES:,} bytes", "an agreement is a few pages of text")]
        )
    lines = text.split("\n")
    problems = [
        Problem(number, "", "a tab stands where the line is indented", "indent with spaces")
        for number, line in enumerate(lines, 1)
        if "\t" in line[: len(line) - len(line.lstrip())] and line.strip() and not line.lstrip().startswith("#")
    ]
    problems += [
        Problem(number, "", f"there is a character that text cannot hold (code {ord(bad[0])})", "remove it")
        for number, line in enumerate(lines, 1)
        if (bad := UNPRINTABLE.search(line))
    ]
    if problems:
        raise AgreementError(problems)


UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def _refuse_references(events: list[Any]) -> None:
    problems = []
    for event in events:
        line = event.start_mark.line + 1
        kind = type(event).__name__
        if kind == "AliasEvent":
            problems.append(Problem(line, "", f"'*{event.anchor}' refers to another place", "write it out here"))
        elif getattr(event, "anchor", None):
            problems.append(Problem(line, "", f"'&{event.anchor}' names a place to refer to", "remove it"))
        if getattr(event, "tag", None):
            problems.append(
                Problem(line, "", "there is a tag, '!' at the beginning of a value", "remove it, or quote it")
            )
    if sum(type(event).__name__ == "DocumentStartEvent" for event in events) > 1:
        problems.append(Problem(0, "", "there is more than one document in the file", "keep one, without '---'"))
    if problems:
        raise AgreementError(problems)


def _joined_surrogates(text: str) -> str:
    """JSON writes characters beyond the first 65,536 as two escapes, and JSON is YAML."""
    if not SURROGATE.search(text):
        return text
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        return text


SURROGATE = re.compile("[\ud800-\udfff]")


class _TreeBuilder:
    """Folds the parser's events into nodes."""

    def __init__(self, events: list[Any]) -> None:
        self.events: Iterator[Any] = iter(
            event
            for event in events
            if type(event).__name__
            not in ("StreamStartEvent", "StreamEndEvent", "DocumentStartEvent", "DocumentEndEvent", "CommentEvent")
        )

    def build(self) -> Node:
        first = next(self.events, None)
        return Scalar(1, "", None) if first is None else self._node(first)

    def _node(self, event: Any) -> Node:
        line = event.start_mark.line + 1
        kind = type(event).__name__
        if kind == "MappingStartEvent":
            return Table(line, tuple(self._entries()))
        if kind == "SequenceStartEvent":
            return Listing(line, tuple(self._items()))
        text = _joined_surrogates(event.value)
        return Scalar(line, text, plain_value(text) if event.implicit[0] else text)

    def _items(self) -> Iterator[Node]:
        while type(event := next(self.events)).__name__ != "SequenceEndEvent":
            yield self._node(event)

    def _entries(self) -> Iterator[tuple[Scalar, Node]]:
        while type(event := next(self.events)).__name__ != "MappingEndEvent":
            key = self._node(event)
            if not isinstance(key, Scalar):
                raise AgreementError([Problem(key.line, "", "a key is a list or a table", "keys are plain words")])
            yield key, self._node(next(self.events))
