"""Teams in plain words: which leads they take, who is in them, and what is their own of their business time."""

from __future__ import annotations

from django.utils.translation import gettext as _

from entente.agreements.condition_words import condition_words, listed
from entente.agreements.teams import NO_HOLIDAYS, RepShare, Team
from entente.agreements.time_words import hours_words


def team_words(team: Team) -> str:
    """Which leads are for whom."""
    reps = listed([_rep_words(rep) for rep in team.reps], _("and"))
    if team.when is None:
        return _("Any lead, for %(reps)s.") % {"reps": reps}
    return _("Leads for which %(condition)s, for %(reps)s.") % {"condition": condition_words(team.when), "reps": reps}


def team_time_words(team: Team) -> str:
    """What is the team's own of its business time."""
    sentences = []
    if team.hours is not None:
        sentences.append(_("The team is open %(hours)s.") % {"hours": hours_words(team.hours)})
    if team.timezone is not None:
        sentences.append(_("Its clocks run in the time zone %(zone)s.") % {"zone": team.timezone})
    if team.holidays == NO_HOLIDAYS:
        sentences.append(_("It works on public holidays."))
    elif team.holidays is not None:
        sentences.append(_("It is closed on the public holidays of %(place)s.") % {"place": team.holidays})
    return " ".join(sentences)


def _rep_words(rep: RepShare) -> str:
    if rep.share == 1:
        return rep.rep
    return _("%(rep)s (a share of %(share)s)") % {"rep": rep.rep, "share": rep.share}
