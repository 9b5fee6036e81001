"""The names of choices, in the reader's language."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PERIOD_LABELS: Final[dict[str, str | Promise]] = {
    "this_month": _("This month"),
    "last_month": _("Last month"),
    "this_quarter": _("This quarter"),
    "last_quarter": _("Last quarter"),
    "this_year": _("This year"),
    "last_12_months": _("Last 12 months"),
    "all": _("All time"),
}
CUT_LABELS: Final[dict[str, str | Promise]] = {"source": _("Source"), "segment": _("Segment"), "rep": _("Rep")}
HANDOFF_LABELS: Final[dict[str, str | Promise]] = {
    "open": _("Open hand-off"),
    "held": _("Held: information is missing"),
    "waiting": _("Waiting for a rep"),
    "assigned": _("Assigned, not answered"),
    "accepted": _("Accepted"),
}
STATE_LABELS: Final[dict[str, str | Promise]] = {
    "held": _("held"),
    "waiting": _("waiting"),
    "assigned": _("assigned"),
    "accepted": _("accepted"),
    "rejected": _("rejected"),
    "closed": _("closed"),
    "won": _("won"),
    "lost": _("lost"),
    "recycled": _("given back"),
    "lapsed": _("lapsed"),
    "open": _("open"),
}
