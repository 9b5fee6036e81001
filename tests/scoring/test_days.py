"""Calendar days by table are those of the time zone itself."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from entente.scoring.days import as_datetime, as_micros, offsets_between

ZONES = ("Europe/Madrid", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Asia/Gaza")
MOMENTS = st.integers(as_micros(datetime(1990, 1, 1, tzinfo=UTC)), as_micros(datetime(2037, 12, 31, tzinfo=UTC))).map(
    as_datetime
)


@settings(deadline=None)  # the first table of a zone takes a while
@given(st.sampled_from(ZONES), MOMENTS)
@example("America/St_Johns", datetime(2010, 11, 7, 2, 31, tzinfo=UTC))  # clocks went back over midnight
@example("Pacific/Apia", datetime(2011, 12, 30, 9, 59, 59, 999_999, tzinfo=UTC))  # and a day was left out
@example("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC))
def test_the_offset_at_any_instant_is_the_zone_s(zone, moment):
    at = as_micros(moment)
    table = offsets_between(ZoneInfo(zone), as_micros(datetime(1990, 1, 1, tzinfo=UTC)), as_micros(moment))
    place = int(np.searchsorted(table.since, at, side="right")) - 1
    local = as_datetime(at + int(table.offset[place])).replace(tzinfo=None)
    assert local == moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@given(st.integers(-(10**16), 10**17))
def test_microseconds_are_exact_both_ways(micros):
    assert as_micros(as_datetime(micros)) == micros


@pytest.mark.parametrize("zone", ZONES)
def test_the_far_ends_of_the_calendar_have_offsets_too(zone):
    first, last = as_micros(datetime(1, 1, 2, tzinfo=UTC)), as_micros(datetime(1990, 1, 1, tzinfo=UTC))
    assert len(offsets_between(ZoneInfo(zone), first, last).since) >= 1
