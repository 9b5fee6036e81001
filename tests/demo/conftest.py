"""One demo world, drawn once: 18 months that end on a Tuesday in July."""

from datetime import UTC, datetime

import pytest

from entente.demo.world import SEED, World, started

END = datetime(2026, 7, 14, 10, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def world():
    return World(SEED, started(END), END)


@pytest.fixture(scope="session")
def events(world):
    return list(world.events())


@pytest.fixture(scope="session")
def closed(world, events):
    """The hand-offs that have ended; events must have been drawn first."""
    return [story for story in world.stories if story.closed_at and story.closed_at <= END]
