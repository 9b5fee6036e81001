"""The demo company's files, as its CRM would export them: the leads that were passed to sales, and their deals.

They are what a newcomer tries `entente audit` on. Pure but for the writing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from entente.demo import cast
from entente.demo.sales import Story
from entente.demo.speaking import contact
from entente.demo.world import World
from entente.events.types import TOUCHES

Row = dict[str, Any]

REP_NAMES: Final = {rep.email: rep.name for rep in cast.REPS}


def write_exports(world: World, folder: Path) -> list[Path]:
    """Write leads.csv and deals.csv into ``folder``; ``world.events()`` must have been read to its end."""
    folder.mkdir(parents=True, exist_ok=True)
    leads = list(lead_rows(world))
    deals = list(deal_rows(world))
    return [_write(folder / "leads.csv", leads), _write(folder / "deals.csv", deals)]


def lead_rows(world: World) -> Iterator[Row]:
    """One row a person: since their first hand-off, where the last one stands at the world's end, and what they had
    done before that one."""
    first: dict[int, Story] = {}
    last: dict[int, Story] = {}
    for story in world.stories:
        first.setdefault(story.lead.person, story)
        last[story.lead.person] = story
    for person, story in first.items():
        if story.assigned_at <= world.end:
            yield _lead_row(world, story, last[person])


def deal_rows(world: World) -> Iterator[Row]:
    """One row a deal that was opened by the world's end."""
    for story in world.stories:
        if story.opened_at is None or story.opened_at > world.end:
            continue
        closed = _by(story.closed_at, world.end)
        yield {
            "Deal ID": f"D-{story.number:05d}",
            "Lead ID": contact(story.lead.person),
            "Product": story.product,
            "Amount": f"{story.amount:.2f}",
            "Owner": REP_NAMES[story.rep],
            "Created Date": _written(story.opened_at),
            "Stage": _deal_stage(story, closed),
            "Close Date": _written(story.closed_at) if closed else "",
            "Loss Reason": story.reason if closed and story.outcome == "lost" else "",
            "Competitor": story.competitor if closed else "",
        }


def _lead_row(world: World, first: Story, story: Story) -> Row:
    lead = story.lead
    traits = world.speaker.traits(lead.person)
    account = world.speaker.account(lead.person) if lead.company >= 0 else {}
    touches = [fact for fact in story.facts if fact.type in TOUCHES and fact.at <= world.end]
    closed = _by(story.closed_at, world.end)
    return {
        "Lead ID": contact(lead.person),
        "Name": traits["name"],
        "Email": traits["email"],
        "Phone": traits.get("phone", ""),
        "Company": traits.get("company", ""),
        "Title": traits.get("title", ""),
        "Country": traits.get("country", ""),
        "Industry": account.get("industry", ""),
        "Employees": account.get("employees", ""),
        "Lead Source": traits["source"],
        "Campaign": traits.get("campaign", ""),
        "Language": traits["language"],
        "Newsletter": "Yes" if traits["newsletter"] else "No",
        "Uses a CRM": traits["uses_crm"],
        "How did you hear of us?": traits["how_heard"],
        "Pricing Views": lead.pricing_views,
        "Pages Seen": lead.pages,
        "Asked for a Demo": _yes(lead.holds["asked_for_demo"]),
        "Used the Calculator": _yes(lead.holds["used_calculator"]),
        "Attended a Webinar": _yes(lead.noise["webinar_attended"]),
        "Created Date": _written(first.assigned_at),
        "Owner": REP_NAMES[story.rep],
        "First Touch": _written(first.first_touch_at) if _by(first.first_touch_at, world.end) else "",
        "Touches": len(touches),
        "Status": _lead_status(story, world.end),
        "Closed Date": _written(story.closed_at) if closed else "",
        "Rejection Reason": story.reason if closed and story.outcome in ("rejected", "recycled") else "",
    }


def _lead_status(story: Story, end: datetime) -> str:
    if _by(story.closed_at, end):
        return {"won": "Won", "lost": "Lost", "rejected": "Rejected", "recycled": "Recycled"}[story.outcome]
    if _by(story.opened_at, end):
        return "Opportunity"
    return "Accepted" if _by(story.accepted_at, end) else "New"


def _deal_stage(story: Story, closed: bool) -> str:
    return ("Closed Won" if story.outcome == "won" else "Closed Lost") if closed else "Open"


def _by(at: datetime | None, end: datetime) -> bool:
    return at is not None and at <= end


def _written(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else ""


def _yes(holds: bool) -> str:
    return "Yes" if holds else "No"


def _write(path: Path, rows: Iterable[Row]) -> Path:
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
