"""What the collector's codes mean, in words for people."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REFUSED: Final[dict[str, Promise]] = {
    "not_json": _("The request holds no JSON."),
    "no_batch": _("A batch without a list of events."),
    "too_many": _("More than 2,500 events in one batch."),
    "too_large": _("An event of more than 32 KB."),
    "body_too_large": _("A request of more than 500 KB."),
    "bad_encoding": _("A request that cannot be unpacked."),
    "unknown_encoding": _("A request packed in a way that is not known."),
    "not_an_object": _("An event, or a part of it, that should be an object and is none."),
    "unknown_type": _("An event of a type that is not known."),
    "no_name": _("A track call without the name of its event."),
    "no_group": _("A group call without a group."),
    "no_alias": _("An alias call that does not name two identifiers."),
    "bad_time": _("A time that is none, is before 1970, or cannot be."),
    "unfit": _("Something that cannot be kept: nested too deep, or a number with too many digits."),
    "not_public": _("A website's key told what only your own systems may tell."),
    "no_key": _("No write key."),
    "unknown_key": _("A write key that is not known, or was revoked."),
    "origin": _("A page of a website that the key is not for."),
    "rate": _("More events a second than the key allows. The sender was told to come again."),
    "busy": _("More than could be written. The sender was told to come again."),
    "database_away": _("The database did not answer. The sender was told to come again."),
    "erased": _("An event of somebody who was erased. It was left out in silence."),
}

KEPT: Final[dict[str, Promise]] = {
    "machine": _("A crawler, a monitor or another machine: kept, and never scored."),
    "no_identity": _("Nobody is named: kept, and counted for nobody."),
    "ignored_id": _("What stands for an identifier is none, such as “undefined”: kept without it."),
    "repeated": _("The same event again, as a retry sends it: counted once."),
}
