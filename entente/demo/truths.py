"""What is true in the demo company and nobody there knows: the answers that the product is asked to find.

Every hand-off wins with the odds ``base_odds`` times the odds ratio of each `Effect` that holds for it at the moment
of its qualification, times those of speed and season. Whatever stands under `noise` has no part in it at all.
Pure; the generator reads these figures, and tests hold the product's findings against them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Effect:
    """Something about a person that changes the odds of winning; ``odds_ratio`` above 1 raises them.

    ``agreed`` says whether the first version of the agreement knows it: what it does not know is there to be found.
    """

    name: str
    odds_ratio: float
    says: str
    agreed: bool


@dataclass(frozen=True, slots=True)
class LateRep:
    """The rep who answers late: median open minutes to the first touch, theirs and that of the others."""

    email: str
    median_minutes: float
    others_median_minutes: float


@dataclass(frozen=True, slots=True)
class RisingReason:
    """The rejection reason that grows: its share among rejections before, and in the last ``months`` of the 18."""

    reason: str
    share_before: float
    share_after: float
    months: int


@dataclass(frozen=True, slots=True)
class Truths:
    """All of it. ``season`` maps a month (1-12) of the hand-off to its odds ratio."""

    base_odds: float
    effects: tuple[Effect, ...]
    noise: tuple[str, ...]
    fast_touch_odds_ratio: float
    fast_touch_minutes: int
    season: dict[int, float]
    late_rep: LateRep
    junk_campaign: str
    junk_rejected: float
    rejected: float
    rising_reason: RisingReason

    def odds_ratio(self, name: str) -> float:
        """The odds ratio of the effect of that name; KeyError where there is none."""
        return {effect.name: effect.odds_ratio for effect in self.effects}[name]


TRUTHS: Final = Truths(
    base_odds=0.0048,
    effects=(
        Effect("decision_maker", 2.6, "the title says that they decide (chief, VP, head of, director)", True),
        Effect("right_size", 2.3, "the company has 50 to 1,000 employees", True),
        Effect("asked_for_demo", 2.8, "they asked for a demo before the hand-off", True),
        Effect("looked_at_pricing", 1.9, "they looked at pricing twice or more before the hand-off", True),
        Effect("logistics", 2.2, "the company works in logistics", False),
        Effect("used_calculator", 2.4, "they worked out their saving in the calculator", False),
        Effect("free_mail", 0.3, "their address is a free-mail one", False),
        Effect("junk_campaign", 0.12, "they came for the prize draw", False),
    ),
    noise=("newsletter", "uses_crm", "how_heard", "language", "webinar_attended", "read_the_blog", "looked_at_careers"),
    fast_touch_odds_ratio=2.4,
    fast_touch_minutes=60,
    season={8: 0.5, 12: 0.45},
    late_rep=LateRep("bruno.maltrevo@ficticia.example", median_minutes=390, others_median_minutes=21),
    junk_campaign="prize-draw",
    junk_rejected=0.66,
    rejected=0.2,
    rising_reason=RisingReason("No budget", share_before=0.17, share_after=0.42, months=3),
)
