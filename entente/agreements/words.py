"""The whole agreement in plain words, in the reader's language, as sections of lines for a page to lay out.

`describe(agreement)` leaves nothing of the document out. Each line keeps the path of the place that it tells of
(`definition.fit[0]`), so that a page can link to it and people can comment on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from entente.agreements.commitments import Clock, Commitment, Count, Escalation, Persistence, Reason, Share
from entente.agreements.condition_words import condition_words, listed
from entente.agreements.definition import Rule
from entente.agreements.document import Agreement
from entente.agreements.hours import LONG_DAYS, BusinessTime
from entente.agreements.reviews import Review
from entente.agreements.stages import Stage
from entente.agreements.team_words import team_time_words, team_words
from entente.agreements.time_words import closed_words, duration_words, example_words, hours_words, plain_time_words
from entente.agreements.values import percent_text

FACT_WORDS: Final = {
    "known": gettext_lazy("their e-mail address is known"),
    "qualified": gettext_lazy("their score reaches the threshold and nothing disqualifies them"),
    "accepted": gettext_lazy("a rep accepts the lead"),
    "deal_opened": gettext_lazy("a deal is opened"),
    "deal_won": gettext_lazy("a deal is won"),
}
PERIOD_WORDS: Final = {
    "week": gettext_lazy("a week"),
    "month": gettext_lazy("a month"),
    "quarter": gettext_lazy("a quarter"),
    "year": gettext_lazy("a year"),
}
CLOCK_WORDS: Final = {
    "first_touch": gettext_lazy("the first call, mail, meeting or message"),
    "feedback": gettext_lazy("the answer (accepted, or rejected with a reason)"),
}
SHARE_WORDS: Final = {
    "complete_at_handoff": gettext_lazy("of the hand-offs have all required information"),
    "accepted": gettext_lazy("of the answers to hand-offs are acceptances"),
}
RECEIVER_WORDS: Final = {
    "rep": gettext_lazy("the rep"),
    "sales_manager": gettext_lazy("the sales manager"),
    "marketing_manager": gettext_lazy("the marketing manager"),
    "ops": gettext_lazy("operations"),
}
NOBODY_WORDS: Final = {
    "wait": gettext_lazy("A lead that nobody can take waits until somebody can, the hottest first."),
    "assign_anyway": gettext_lazy("A lead that nobody can take is given to a rep all the same."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One statement; `name` and `points` where it has them, `note` an example or remark beside it."""

    path: str
    text: str
    name: str = ""
    points: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under a title; `key` is stable and the same in every language."""

    key: str
    title: str
    lines: tuple[Line, ...]


def describe(agreement: Agreement) -> list[Section]:
    """Every part of the agreement in words; sections that have nothing to say are left out."""
    sections = [
        Section("force", _("In force"), tuple(_force_lines(agreement))),
        Section("qualified", _("What a qualified lead is"), tuple(_definition_lines(agreement))),
        Section("fit", _("Who they are"), tuple(_rule_lines(agreement.definition.fit, "definition.fit"))),
        Section("engagement", _("What they do"), tuple(_engagement_lines(agreement))),
        Section("disqualify", _("What rules a lead out"), _disqualifier_lines(agreement)),
        Section("stages", _("The stages"), tuple(_stage_line(n, stage) for n, stage in enumerate(agreement.stages))),
        Section("marketing", _("What marketing promises"), _promise_lines(agreement, "marketing")),
        Section("sales", _("What sales promises"), _promise_lines(agreement, "sales")),
        Section("escalation", _("When a promise is late"), tuple(_escalation_lines(agreement))),
        Section("reasons", _("Reasons to reject a lead"), tuple(_reason_lines(agreement))),
        Section("business_time", _("Business time"), tuple(_business_time_lines(agreement.business_time))),
        Section("routing", _("Who gets which leads"), tuple(_routing_lines(agreement))),
        Section("review", _("Check-ins"), tuple(_review_lines(agreement.review))),
    ]  # fmt: skip
    return [section for section in sections if section.lines]


def rule_words(rule: Rule) -> str:
    """When the rule holds, as a sentence, with its limit and group."""
    text = _sentence(condition_words(rule.when))
    if rule.limit is not None:
        times = ngettext("Counts at most once a day.", "Counts at most %(n)d times a day.", rule.limit)
        text += " " + times % {"n": rule.limit}
    if rule.group is not None:
        text += " " + _("Belongs to the group %(group)s.") % {"group": rule.group}
    return text


def promise_words(promise: Commitment) -> str:
    """The promise as a sentence."""
    match promise:
        case Count(_name, _of, at_least, per):
            words = ngettext(
                "At least %(n)d qualified lead %(per)s.", "At least %(n)d qualified leads %(per)s.", at_least
            )
            return words % {"n": at_least, "per": PERIOD_WORDS[per]}
        case Share(_name, of, at_least):
            return _("At least %(share)s %(of)s.") % {"share": percent_text(at_least), "of": SHARE_WORDS[of]}
        case Clock(_name, clock):
            words = _("%(what)s within %(time)s of the assignment, for at least %(share)s of the hand-offs.")
            return _capital(words % {"what": CLOCK_WORDS[clock], **_time_and_share(promise)})
        case Persistence(_name, touches):
            words = ngettext(
                "At least %(n)d touch within %(time)s, or acceptance before, on at least %(share)s of the hand-offs.",
                "At least %(n)d touches within %(time)s, or acceptance before, on at least %(share)s of the hand-offs.",
                touches,
            )
            return words % {"n": touches, **_time_and_share(promise)}


def _time_and_share(promise: Clock | Persistence) -> dict[str, str]:
    return {"time": duration_words(promise.within), "share": percent_text(promise.at_least)}


def _force_lines(agreement: Agreement) -> Iterator[Line]:
    words = {"day": date_format(agreement.effective, "DATE_FORMAT"), "zone": agreement.timezone}
    yield Line("effective", _("In force from %(day)s, 00:00 in the time zone %(zone)s.") % words)
    yield Line("currency", _("Amounts are in %(currency)s.") % {"currency": agreement.currency})


def _definition_lines(agreement: Agreement) -> Iterator[Line]:
    definition = agreement.definition
    threshold = _("A person is qualified when their points reach %(threshold)s and nothing rules them out.")
    yield Line("definition.threshold", threshold % {"threshold": definition.threshold})
    if definition.required:
        required = {"fields": listed(definition.required, _("and"))}
        yield Line("definition.required", _("At hand-off these must be known: %(fields)s.") % required)
    else:
        yield Line("definition.required", _("No information is required at hand-off."))
    if definition.requalify_after:
        wait = {"time": plain_time_words(definition.requalify_after)}
        again = _("A person whose hand-off was closed is not handed off again within %(time)s.") % wait
    else:
        again = _("A person whose hand-off was closed may be handed off again at once.")
    yield Line("definition.requalify_after", again)


def _rule_lines(rules: tuple[Rule, ...], path: str) -> Iterator[Line]:
    for number, rule in enumerate(rules):
        yield Line(f"{path}[{number}]", rule_words(rule), rule.name, rule.points)


def _disqualifier_lines(agreement: Agreement) -> tuple[Line, ...]:
    lines = _rule_lines(agreement.definition.disqualify, "definition.disqualify")
    return tuple(replace(line, points=None) for line in lines)


def _engagement_lines(agreement: Agreement) -> Iterator[Line]:
    engagement = agreement.definition.engagement
    if not engagement.rules and not engagement.groups:
        return
    half_life = _("Points for what a person does halve every %(time)s.")
    yield Line("definition.engagement.half_life", half_life % {"time": plain_time_words(engagement.half_life)})
    for name, group in engagement.groups.items():
        at_most = _("All rules of the group together count for %(points)s points at most.")
        yield Line(f"definition.engagement.groups.{name}", at_most % {"points": group.at_most}, name)
    yield from _rule_lines(engagement.rules, "definition.engagement.rules")


def _stage_line(number: int, stage: Stage) -> Line:
    entered = stage.entered_when
    when = FACT_WORDS[entered] if isinstance(entered, str) else condition_words(entered)
    return Line(f"stages[{number}]", _("Entered when %(when)s.") % {"when": when}, stage.name)


def _promise_lines(agreement: Agreement, party: str) -> tuple[Line, ...]:
    promises: tuple[Commitment, ...] = getattr(agreement.commitments, party)
    return tuple(
        Line(f"commitments.{party}[{n}]", promise_words(promise), promise.promise, note=_note(promise, agreement))
        for n, promise in enumerate(promises)
    )


def _note(promise: Commitment, agreement: Agreement) -> str:
    """What the promise's time means, by an example, and when it warns."""
    notes = []
    if isinstance(promise, (Clock, Persistence)):
        example = example_words(promise.within, agreement.business_time)
        if example:
            notes.append(_("For example: %(example)s.") % {"example": example})
    if isinstance(promise, Clock) and promise.warn_at is not None:
        notes.append(_("Warns when %(share)s of the time has gone.") % {"share": percent_text(promise.warn_at)})
    return " ".join(notes)


def _escalation_lines(agreement: Agreement) -> Iterator[Line]:
    names = {p.clock: p.promise for p in _promises(agreement) if isinstance(p, Clock)}
    for clock, escalation in agreement.commitments.escalation.items():
        yield Line(f"commitments.escalation.{clock}", _escalation_words(escalation), names.get(clock, clock))
    pause = _("A clock may wait for the customer, with a reason, for at most %(time)s.")
    yield Line("commitments.pause_at_most", pause % {"time": duration_words(agreement.commitments.pause_at_most)})


def _promises(agreement: Agreement) -> tuple[Commitment, ...]:
    return agreement.commitments.marketing + agreement.commitments.sales


def _escalation_words(escalation: Escalation) -> str:
    sentences = []
    if escalation.on_warning:
        sentences.append(_("When it warns, %(who)s hears of it.") % {"who": _receivers(escalation.on_warning)})
    if escalation.on_breach:
        sentences.append(_("When it is breached, %(who)s hears of it.") % {"who": _receivers(escalation.on_breach)})
    if escalation.reassign_after:
        moves = _("The lead goes to another rep %(time)s after the breach.")
        sentences.append(moves % {"time": duration_words(escalation.reassign_after)})
    return " ".join(sentences) or _("Nobody is told.")


def _receivers(receivers: tuple[str, ...]) -> str:
    return listed([str(RECEIVER_WORDS[receiver]) for receiver in receivers], _("and"))


def _reason_lines(agreement: Agreement) -> Iterator[Line]:
    for number, reason in enumerate(agreement.commitments.rejection_reasons):
        yield Line(f"commitments.rejection_reasons[{number}]", _reason_words(reason), reason.name)


def _reason_words(reason: Reason) -> str:
    sentences = []
    if reason.gives_credit:
        sentences.append(_("Gives the rep's turn back."))
    if reason.after_touches:
        words = ngettext("Only after %(n)d attempt.", "Only after %(n)d attempts.", reason.after_touches)
        sentences.append(words % {"n": reason.after_touches})
    return " ".join(sentences)


def _business_time_lines(business_time: BusinessTime) -> Iterator[Line]:
    yield Line("business_time.hours", _("Open %(hours)s.") % {"hours": hours_words(business_time.hours)})
    closed = closed_words(business_time)
    if closed:
        yield Line("business_time.closed", _("Closed on %(days)s.") % {"days": closed})


def _routing_lines(agreement: Agreement) -> Iterator[Line]:
    routing = agreement.routing
    for number, team in enumerate(routing.teams):
        yield Line(f"routing.teams[{number}]", team_words(team), team.name, note=team_time_words(team))
    if not routing.teams:
        yield Line("routing.teams", _("There are no teams: every lead is given by hand."))
    if routing.keep_account_with_its_rep:
        yield Line("routing.keep_account_with_its_rep", _("New people of a company go to the rep who has the company."))
    if routing.at_most is not None:
        words = ngettext(
            "A rep has at most %(n)d open hand-off.", "A rep has at most %(n)d open hand-offs.", routing.at_most
        )
        yield Line("routing.at_most", words % {"n": routing.at_most})
    yield Line("routing.when_nobody", str(NOBODY_WORDS[routing.when_nobody]))


def _review_lines(review: Review | None) -> Iterator[Line]:
    if review is None:
        return
    words = {"day": WEEKDAYS[LONG_DAYS.index(review.on)], "time": f"{review.at:%H:%M}"}
    rhythms = {
        "week": _("Both sides meet every %(day)s at %(time)s."),
        "2 weeks": _("Both sides meet every other %(day)s at %(time)s."),
        "month": _("Both sides meet on the first %(day)s of every month at %(time)s."),
        "quarter": _("Both sides meet on the first %(day)s of every quarter at %(time)s."),
    }
    yield Line("review", rhythms[review.every] % words)


def _sentence(clause: str) -> str:
    return _capital(clause) + "."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
