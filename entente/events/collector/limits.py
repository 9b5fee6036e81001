"""How much may be sent: Segment's limits on sizes, and a rate for each key. Pure: no Django here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LARGEST_EVENT: Final = 32 * 1024
LARGEST_BODY: Final = 500 * 1024
"""Bytes of a request, unpacked."""
MOST_EVENTS: Final = 2_500
LARGEST_SHARED_CONTEXT: Final = 4 * 1024
"""Bytes of a batch's own context, which is copied into each of its events."""


@dataclass(slots=True)
class Bucket:
    """A rate as a bucket of tokens: it fills at ``rate`` a second and holds one second's worth.

    Whoever comes while there is a token may take more than there are, and the next one waits longer: else a batch
    larger than the bucket could never be sent.
    """

    rate: float
    tokens: float
    at: float

    @classmethod
    def full(cls, rate: float, at: float) -> Bucket:
        return cls(rate, rate, at)

    def take(self, events: int, at: float) -> float:
        """Take tokens for events at a time in seconds; 0.0, or how many seconds to wait, and then nothing is taken."""
        self.tokens = min(self.rate, self.tokens + max(at - self.at, 0.0) * self.rate)
        self.at = at
        if self.tokens < min(1.0, self.rate):
            return (min(1.0, self.rate) - self.tokens) / self.rate
        self.tokens -= events
        return 0.0
