"""An alert rule as a document: what to hear of, how often, and where it is told. Read by the agreement's own reader.

    name: Pricing at ACME
    when: {page: "/pricing*"}      # a condition of the agreement's vocabulary, on what people do
    account: acme.example          # only people of this company
    mine: true                     # only people whose open hand-off is mine
    score_at_least: 40             # only people with that score
    at_most_one_per: 1 hour        # of the same person
    quiet: {from: "20:00", to: "08:00", timezone: Europe/Madrid}
    digest: 15 minutes             # or "daily at 08:30": collect, and tell all at once
    tell: [browser, email]         # or the name of an address of mine

Instead of `when`, `on: [assigned, breach]` names the kinds of what happens to hand-offs and their promises. A document
that is wrong is refused with every mistake at once, each with its remedy. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any as Anything
from typing import Final
from zoneinfo import available_timezones

from entente.agreements.condition_reader import condition
from entente.agreements.conditions import Condition, condition_data, watches_behaviour
from entente.agreements.durations import duration_from_text, timedelta_text
from entente.agreements.places import Fields, Place, nearest
from entente.agreements.problems import AgreementError, Problem
from entente.agreements.tree import Node, tree_from_data, tree_from_text
from entente.agreements.values import TIME, Once, boolean, clock_time, duration, number, one_of, text
from entente.agreements.yaml_out import yaml_text
from entente.alerts.happened import Kind
from entente.alerts.timing import AT_ONCE, Daily, Digest, Every, Quiet, Timing

KEYS: Final = (
    "name", "when", "on", "mine", "score_at_least", "account", "at_most_one_per", "quiet", "digest", "tell",
)  # fmt: skip
BROWSER: Final = "browser"
EMAIL: Final = "email"
RHYTHMS: Final = 'write "15 minutes", "2 hours", "daily at 08:30" or "daily at 08:30 Europe/Madrid"'


@dataclass(frozen=True, slots=True)
class AlertDocument:
    """One rule, read. Either ``when`` or ``on`` is there, or neither: then anything that the people do who pass the
    other tests. ``tell`` holds `browser`, `email`, or names of the owner's addresses.
    """

    name: str
    when: Condition | None = None
    on: tuple[Kind, ...] = ()
    mine: bool = False
    score_at_least: int | float | None = None
    account: str | None = None
    timing: Timing = AT_ONCE
    tell: tuple[str, ...] = (BROWSER,)

    @property
    def watches_people(self) -> bool:
        """Whether it hears of what people do, and not of hand-offs and promises."""
        return not self.on

    def as_data(self) -> dict[str, Anything]:
        """The document as JSON holds it; reading it again gives the same."""
        data: dict[str, Anything] = {"name": self.name}
        if self.when is not None:
            data["when"] = condition_data(self.when)
        if self.on:
            data["on"] = [kind.value for kind in self.on]
        data |= {"mine": True} if self.mine else {}
        data |= {} if self.score_at_least is None else {"score_at_least": self.score_at_least}
        data |= {"account": self.account} if self.account else {}
        return data | _timing_data(self.timing) | {"tell": list(self.tell)}

    def to_yaml(self) -> str:
        """The document as people write it."""
        return yaml_text(self.as_data())


def parse(written: str, timezone: str = "UTC") -> AlertDocument:
    """Read a document from YAML; ``timezone`` is that of its owner. Raises AgreementError with every mistake."""
    return _read(tree_from_text(written), timezone)


def from_data(data: object, timezone: str = "UTC") -> AlertDocument:
    """The same from what JSON or a form gives."""
    try:
        return _read(tree_from_data(data), timezone)
    except TypeError as error:
        raise AgreementError([Problem(0, "", str(error), "write plain values")]) from error


def _read(node: Node, timezone: str) -> AlertDocument:
    problems: list[Problem] = []
    document = Place(node, "", problems).read(lambda place: _document(place, timezone), None)
    if problems or document is None:
        raise AgreementError(problems)
    return document


def _document(place: Place, timezone: str) -> AlertDocument:
    fields = place.fields(KEYS, required=("name",))
    _refuse_both(fields)
    document = AlertDocument(
        name=fields.get("name", text, "-"),
        when=fields.get("when", _behaviour, None),
        on=fields.get("on", _kinds, ()),
        mine=fields.get("mine", boolean, False),
        score_at_least=fields.get("score_at_least", number, None),
        account=fields.get("account", _account, None),
        timing=Timing(
            at_most_one_per=fields.get("at_most_one_per", lambda p: duration(p).as_timedelta(), None),
            quiet=fields.get("quiet", lambda p: _quiet(p, timezone), None),
            digest=fields.get("digest", lambda p: _digest(p, timezone), None),
        ),
        tell=fields.get("tell", _tell, (BROWSER,)),
    )
    _refuse_everything(place, fields)
    return document


def _refuse_both(fields: Fields) -> None:
    if "when" in fields and "on" in fields:
        remedy = "write two rules: one with 'when', on what people do, and one with 'on', on hand-offs and promises"
        fields.places["on"].note("'when' and 'on' stand in one rule", remedy)


def _refuse_everything(place: Place, fields: Fields) -> None:
    asked = any(key in fields for key in ("when", "on", "mine", "score_at_least", "account"))
    if not asked and not fields.spoiled:
        remedy = "add 'when: {page: /pricing*}', 'on: [assigned]', 'mine: true' or 'account: acme.example'"
        place.note("this would tell of everything that anybody does", remedy)


def _behaviour(place: Place) -> Condition:
    """A condition that looks at the event: who somebody is does not happen."""
    noted = len(place.problems)
    when = condition(place)
    if not watches_behaviour(when) and len(place.problems) == noted:
        remedy = "say what they do as well: all: [{page: /pricing*}, {trait: …}], or {page: '*'} for any page"
        place.refuse("this looks at nothing that people do, so it would tell of every event", remedy)
    return when


def _kinds(place: Place) -> tuple[Kind, ...]:
    once = Once("kind", one_of(kind.value for kind in Kind))
    return tuple(Kind(word) for word in place.some(once, "there is no kind", "write on: [assigned, breach]"))


def _account(place: Place) -> str:
    return text(place).lower()


def _tell(place: Place) -> tuple[str, ...]:
    return tuple(place.some(Once("address"), "nobody is told", "write tell: [browser]"))


def _quiet(place: Place, timezone: str) -> Quiet:
    fields = place.fields(("from", "to", "timezone"), required=("from", "to"))
    quiet = Quiet(
        fields.get("from", clock_time, time(20)),
        fields.get("to", clock_time, time(8)),
        fields.get("timezone", _timezone, timezone),
    )
    if quiet.begins == quiet.ends:
        place.note("the quiet hours begin when they end", "write when they begin and end; pause the rule for silence")
    return quiet


def _timezone(place: Place) -> str:
    name = text(place)
    if name not in available_timezones():
        place.refuse(
            f"there is no time zone '{name}'",
            nearest(name, available_timezones()) or "write a name such as Europe/Madrid",
        )
    return name


def _digest(place: Place, timezone: str) -> Digest:
    written = place.scalar("a digest's rhythm", RHYTHMS).text.split()
    if written[:1] == ["daily"]:
        return _daily(place, written, timezone)
    length = duration_from_text(" ".join(written))
    if length is None or not timedelta() < length.as_timedelta() <= timedelta(days=1):
        place.refuse(f"a digest's rhythm of a day at most is expected, not '{' '.join(written)}'", RHYTHMS)
    return Every(length.as_timedelta() // timedelta(minutes=1))


def _daily(place: Place, written: list[str], timezone: str) -> Daily:
    """From `daily at 08:30`, or `daily at 08:30 Europe/Madrid`."""
    words = [word for word in written[1:] if word != "at"]
    found = TIME.fullmatch(words[0]) if words else None
    zone = words[1] if len(words) == 2 else timezone
    if not found or len(words) > 2 or zone not in available_timezones():
        place.refuse(f"'{' '.join(written)}' is no daily time", RHYTHMS)
    return Daily(time(int(found[1]), int(found[2])), zone)


def _timing_data(timing: Timing) -> dict[str, Anything]:
    data: dict[str, Anything] = {}
    if timing.at_most_one_per:
        data["at_most_one_per"] = timedelta_text(timing.at_most_one_per)
    if timing.quiet:
        ends = {"from": f"{timing.quiet.begins:%H:%M}", "to": f"{timing.quiet.ends:%H:%M}"}
        data["quiet"] = {**ends, "timezone": timing.quiet.timezone}
    match timing.digest:
        case Every(minutes):
            data["digest"] = timedelta_text(timedelta(minutes=minutes))
        case Daily(at, timezone):
            data["digest"] = f"daily at {at:%H:%M} {timezone}"
    return data
