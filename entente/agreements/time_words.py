"""Business time and lengths of time in plain words, with the example that shows what each means.

`1 day` and `24 hours` are different promises; the example says which is which, in the agreement's own hours. (It leaves
holidays aside; `entente.sla.business_time` counts in earnest.)
"""

from __future__ import annotations

from datetime import time, timedelta

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from entente.agreements.condition_words import listed
from entente.agreements.durations import Duration, duration_from_text, timedelta_text
from entente.agreements.hours import BusinessTime, Hours, interval_text

A_DAY = 24 * 60


def duration_words(length: Duration) -> str:
    """A length of business time: `2 working days`, `24 open hours`."""
    words = {
        "minutes": ngettext("%(n)d open minute", "%(n)d open minutes", length.n),
        "hours": ngettext("%(n)d open hour", "%(n)d open hours", length.n),
        "days": ngettext("%(n)d working day", "%(n)d working days", length.n),
        "weeks": ngettext("%(n)d week", "%(n)d weeks", length.n),
    }
    return words[length.unit] % {"n": length.n}


def plain_time_words(length: timedelta) -> str:
    """A length of plain time: `30 days`, `36 hours`."""
    duration = duration_from_text(timedelta_text(length)) or Duration(0, "days")
    words = {
        "minutes": ngettext("%(n)d minute", "%(n)d minutes", duration.n),
        "hours": ngettext("%(n)d hour", "%(n)d hours", duration.n),
        "days": ngettext("%(n)d day", "%(n)d days", duration.n),
    }
    return words[duration.unit] % {"n": duration.n}


def hours_words(hours: Hours) -> str:
    """`Monday to Thursday 09:00-18:00, Friday 09:00-15:00`."""
    parts = []
    start = 0
    while start < 7:
        end = start
        while end < 6 and hours.get(end + 1, ()) == hours.get(start, ()):
            end += 1
        if hours.get(start):
            intervals = listed([interval_text(interval) for interval in hours[start]], _("and"))
            parts.append(f"{_days_words(start, end)} {intervals}")
        start = end + 1
    return ", ".join(parts)


def _days_words(first: int, last: int) -> str:
    if first == last:
        return str(WEEKDAYS[first])
    return _("%(first)s to %(last)s") % {"first": WEEKDAYS[first], "last": WEEKDAYS[last]}


def example_words(length: Duration, business_time: BusinessTime) -> str:
    """`assigned on Friday at 14:30, due on Monday at 09:30`; nothing where no week shows it."""
    hours = {day: intervals for day, intervals in business_time.hours.items() if intervals}
    start = _telling_start(hours)
    due = _due(hours, start, length)
    if due is None:
        return ""
    days = due // A_DAY - start // A_DAY
    words = {"start": _moment_words(start), "due": _moment_words(due)}
    if days < 7:
        return _("assigned on %(start)s, due on %(due)s") % words
    return _("assigned on %(start)s, due on %(due)s, %(days)d days later") % {**words, "days": days}


def _telling_start(hours: Hours) -> int:
    """Half an hour before the week's last closing (or halfway into a shorter interval), in minutes from Monday."""
    last = max(day for day in hours if (day + 1) % 7 not in hours) if len(hours) < 7 else 4
    opens, closes = _minutes(hours[last][-1])
    return last * A_DAY + max(closes - 30, (opens + closes) // 2)


def _due(hours: Hours, start: int, length: Duration) -> int | None:
    """The moment when the length has gone by, in minutes from the Monday of the week when it began."""
    if length.unit == "weeks":
        return start + length.n * 7 * A_DAY
    if length.unit == "days":
        return _after_days(hours, start, length.n)
    return _after_minutes(hours, start, length.as_timedelta() // timedelta(minutes=1))


def _after_days(hours: Hours, start: int, n: int) -> int | None:
    """The same clock time on the n-th following working day; None where that day is closed then."""
    day = start // A_DAY
    for _each in range(n):
        day += 1
        while day % 7 not in hours:
            day += 1
    opened = any(opens <= start % A_DAY <= closes for opens, closes in map(_minutes, hours[day % 7]))
    return day * A_DAY + start % A_DAY if opened else None


def _after_minutes(hours: Hours, start: int, left: int) -> int:
    day = start // A_DAY
    while True:
        for opens, closes in map(_minutes, hours.get(day % 7, ())):
            begins = max(opens + day * A_DAY, start)
            ends = closes + day * A_DAY
            if begins < ends:
                if left <= ends - begins:
                    return begins + left
                left -= ends - begins
        day += 1


def _minutes(interval: tuple[time, time]) -> tuple[int, int]:
    opens, closes = interval
    return opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute or A_DAY


def _moment_words(minutes: int) -> str:
    day, at = divmod(minutes, A_DAY)
    return _("%(day)s at %(time)s") % {"day": WEEKDAYS[day % 7], "time": f"{at // 60:02d}:{at % 60:02d}"}


def closed_words(business_time: BusinessTime) -> str:
    """Which days are closed besides."""
    parts = []
    if business_time.holidays:
        parts.append(_("the public holidays of %(place)s") % {"place": business_time.holidays})
    parts += [date_format(day, "DATE_FORMAT") for day in business_time.closed]
    return listed(parts, _("and"))
