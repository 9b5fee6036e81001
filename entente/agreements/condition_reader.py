"""Reading conditions: one kind each, tests of matching types, patterns that compile. Pure."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from entente.agreements.conditions import (
    MISSING,
    AccountValue,
    All,
    Any,
    Bound,
    Condition,
    EventType,
    Not,
    Page,
    Test,
    Track,
    Trait,
    Value,
    Where,
    watches_behaviour,
)
from entente.agreements.places import Fields, Place, Refused, said
from entente.agreements.values import DATE, NUMBER, boolean, day, exact_text, number, text

EVENT_KINDS: Final = ("page", "track", "event")
VALUE_KINDS: Final = ("trait", "account")
JOINING_KINDS: Final = ("all", "any", "not")
KINDS: Final = (*EVENT_KINDS, *VALUE_KINDS, *JOINING_KINDS)
TESTS: Final = ("is", "in", "not_in", "matches", "from", "to", "exists")
TYPE = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


def condition(place: Place) -> Condition:
    """A condition of any kind."""
    fields = place.fields((*KINDS, "where", *TESTS))
    kind = _kind(place, fields)
    if kind in EVENT_KINDS:
        return _about_the_event(place, fields, kind)
    if kind in VALUE_KINDS:
        return _about_a_value(place, fields, kind)
    _refuse_beside(fields, kind, ("where", *TESTS), f"put it into the conditions under '{kind}'")
    return _joined(fields, kind)


def about_the_person(place: Place) -> Condition:
    """A condition that can be asked at any moment, whatever the person is doing."""
    noted = len(place.problems)
    when = condition(place)
    if watches_behaviour(when) and len(place.problems) == noted:
        remedy = "use trait and account here; what people do belongs to engagement.rules"
        place.refuse("this is about who a person is, and cannot look at page, track or event", remedy)
    return when


def about_behaviour(place: Place) -> Condition:
    """A condition that looks at the event."""
    noted = len(place.problems)
    when = condition(place)
    if not watches_behaviour(when) and len(place.problems) == noted:
        remedy = "move the rule to definition.fit, or add page, track or event with all: […]"
        place.refuse("this looks at no behaviour, so it would give points at every event", remedy)
    return when


def _kind(place: Place, fields: Fields) -> str:
    """Which of KINDS the condition is."""
    kinds = [kind for kind in KINDS if kind in fields]
    if not kinds and fields.spoiled:
        raise Refused(None)  # its key is probably one of those that are not known
    if not kinds:
        place.refuse("the condition does not say what it looks at", "begin it with " + ", ".join(KINDS))
    if len(kinds) > 1:
        together = " and ".join(f"'{kind}'" for kind in kinds)
        parts = ", ".join("{" + kind + ": …}" for kind in kinds)
        place.refuse(f"{together} stand in one condition", f"write all: [{parts}], or any: […]")
    return kinds[0]


def _about_the_event(place: Place, fields: Fields, kind: str) -> Condition:
    _refuse_beside(fields, kind, TESTS, "put tests of the event's properties under 'where: {property: {…}}'")
    where = fields.get("where", _where, ())
    if kind == "page":
        return Page(fields.get("page", _glob, "/"), where)
    if kind == "track":
        return Track(fields.get("track", exact_text, "-"), where)
    return EventType(fields.get("event", _event_type, "call"), where)


def _about_a_value(place: Place, fields: Fields, kind: str) -> Condition:
    _refuse_beside(fields, kind, ("where",), "'where' belongs beside page, track or event; put the tests here")
    name = fields.get(kind, exact_text, "-")
    values = _test(place, fields)
    return Trait(name, values) if kind == "trait" else AccountValue(name, values)


def _refuse_beside(fields: Fields, kind: str, keys: tuple[str, ...], remedy: str) -> None:
    for key in keys:
        if key in fields:
            fields.places[key].note(f"'{key}' cannot stand beside '{kind}'", remedy)


def _joined(fields: Fields, kind: str) -> Condition:
    if kind == "not":
        return Not(condition(fields.places["not"]))
    place = fields.places[kind]
    remedy = f"write {kind}: [{{…}}, {{…}}]"
    parts = tuple(place.some(condition, f"there is no condition under '{kind}'", remedy))
    return All(parts) if kind == "all" else Any(parts)


def _where(place: Place) -> Where:
    tests = {name: property_.read(_property_test, Test()) for name, property_ in place.named(exact_text).items()}
    if not tests:
        place.refuse("there is no property under 'where'", "write where: {amount: {from: 100}}, or leave it out")
    return tuple(sorted(tests.items()))


def _property_test(place: Place) -> Test:
    fields = place.fields(TESTS)
    return _test(place, fields)


def _test(place: Place, fields: Fields) -> Test:
    given = [key for key in TESTS if key in fields]
    if not given and not fields.spoiled:
        place.refuse("there is no test of the value", "add is, in, not_in, matches, from, to or exists")
    test = Test(
        is_=fields.get("is", _value, MISSING),
        in_=fields.get("in", _values, None),
        not_in=fields.get("not_in", _values, None),
        from_=fields.get("from", _bound, None),
        to=fields.get("to", _bound, None),
        matches=fields.get("matches", _pattern, None),
        exists=fields.get("exists", boolean, None),
    )
    if test.exists is False and len(given) > 1:
        place.note("a value that does not exist passes no other test", "keep 'exists: false' alone")
    _compare_ends(place, test)
    return test


def _compare_ends(place: Place, test: Test) -> None:
    if test.from_ is None or test.to is None:
        return
    if isinstance(test.from_, date) != isinstance(test.to, date):
        place.note("'from' and 'to' are a number and a date", "make both numbers or both dates")
    elif test.from_ > test.to:  # type: ignore[operator]  # both are of one kind here
        place.note(f"'from' ({test.from_}) is above 'to' ({test.to})", "swap them")


def _value(place: Place) -> Value:
    scalar = place.scalar("a value", "write a text, number, true or false; for no value write exists: false")
    if isinstance(scalar.value, (bool, str)):
        return scalar.value if isinstance(scalar.value, bool) else text(place)
    return number(place)


def _values(place: Place) -> tuple[Value, ...]:
    return tuple(place.some(_value, "the list is empty", "write the values, such as [ES, PT]"))


def _bound(place: Place) -> Bound:
    scalar = place.scalar("a number or a date", "write 50, or 2026-07-01")
    if DATE.fullmatch(scalar.text.strip()):
        return day(place)
    if isinstance(scalar.value, bool) or not NUMBER.fullmatch(scalar.text.strip()):
        place.refuse(f"a number or a date is expected, not {said(scalar)}", "write 50, or 2026-07-01")
    return number(place)


def _glob(place: Place) -> str:
    glob = text(place)
    if "://" in glob:
        place.refuse(f"'{glob}' is a whole address", "write the path alone, such as /pricing*")
    if not glob.startswith(("/", "*")):
        place.refuse(f"the path '{glob}' does not begin with /", f"write /{glob}, or *{glob}")
    return glob


def _event_type(place: Place) -> str:
    name = text(place)
    if not TYPE.fullmatch(name):
        remedy = f"types are words such as form_submitted; for a track call of that name write track: {name}"
        place.refuse(f"'{name}' is not a type of event", remedy)
    return name


def _pattern(place: Place) -> str:
    import re2

    pattern = exact_text(place)
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        remedy = "correct it; it is an RE2 pattern, which has no look-around and no back-references"
        place.refuse(f"the pattern '{pattern}' cannot be read: {reason}", remedy)
    return pattern
