"""The history under an agreement: what can be judged is, and what cannot is named."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from entente.agreements.document import Agreement, from_data
from entente.evidence.history import history
from entente.reports.audit_agreement import UnderAgreement, under_agreement
from tests.reports.histories import NOW, small, worked


def agreement(threshold: int = 20, **changes: Any) -> Agreement:
    fit = [
        {"rule": "Asked for a demo", "points": 20, "when": {"trait": "source", "is": "demo"}},
        {"rule": "Large", "points": 10, "when": {"account": "employees", "from": 100}},
        {"rule": "Decision maker", "points": 15, "when": {"trait": "title", "matches": "head"}},
        {"rule": "Not a student", "points": 5, "when": {"not": {"trait": "title", "matches": "student"}}},
    ]
    definition = {
        "threshold": threshold,
        "fit": fit,
        "engagement": {
            "half_life": "30 days",
            "rules": [{"rule": "Prices", "points": 5, "when": {"page": "/pricing"}}],
        },
        "disqualify": [{"rule": "No company", "when": {"trait": "company", "exists": False}}],
        "required": ["email", "company"],
    }
    commitments = {
        "marketing": [
            {"promise": "Volume", "count": "qualified", "at_least": 20, "per": "month"},
            {"promise": "Completeness", "share": "complete_at_handoff", "at_least": "90%"},
            {"promise": "Quality", "share": "accepted", "at_least": "50%"},
        ],
        "sales": [
            {"promise": "First touch", "clock": "first_touch", "within": "4 hours", "at_least": "50%"},
            {"promise": "Persistence", "touches": 5, "within": "10 days", "at_least": "80%"},
        ],
    }
    document = {"format": 1, "name": "Test", "effective": "2026-01-01", "timezone": "UTC", "definition": definition}
    return from_data({**document, "commitments": commitments, **changes})


@pytest.fixture(scope="module")
def found() -> UnderAgreement:
    return under_agreement(agreement(), worked(), NOW)


def test_rules_that_the_files_tell_of_are_counted_as_plain_polars_counts_them(found: UnderAgreement) -> None:
    leads = worked().leads
    demo = leads["source"] == "Demo"
    judged = {rule.rule: (rule.leads, rule.won) for rule in found.judged}

    assert judged["Asked for a demo"] == (demo.sum(), (demo & (leads["outcome"] == "won")).sum())
    assert judged["Large"][0] == (leads["trait:Employees"] >= 100).sum()
    assert judged["No company"][0] == leads["company"].null_count()


def test_rules_that_the_files_do_not_tell_of_are_named(found: UnderAgreement) -> None:
    reasons = dict(found.not_judged)

    assert "title" in reasons["Decision maker"]
    assert "title" in reasons["Not a student"]
    assert "behaviour" in reasons["Prices"]


def test_who_reaches_the_threshold_and_is_not_disqualified_would_have_qualified(found: UnderAgreement) -> None:
    leads = worked().leads
    qualified = (leads["source"] == "Demo") & leads["company"].is_not_null()

    assert found.qualified is not None
    assert found.qualified.count == qualified.sum()
    assert found.wins_qualified is not None
    assert found.wins_qualified.count == (qualified & (leads["outcome"] == "won")).sum()


def test_a_threshold_beyond_what_the_files_tell_is_said_to_be_so() -> None:
    found = under_agreement(agreement(threshold=40), worked(), NOW)

    assert found.reachable == 30
    assert "at most 30 can be reached" in found.in_words()[0]
    assert next(promise for promise in found.promises if promise.promise == "Volume").why_not


def test_promises_are_measured_where_the_files_tell_of_them(found: UnderAgreement) -> None:
    kept = {promise.promise: promise for promise in found.promises}

    assert kept["Volume"].met is not None
    assert kept["Volume"].actual.startswith("median ")
    assert kept["Completeness"].of > 0
    assert kept["First touch"].of > 0
    assert kept["Quality"].of > 0


def test_promises_are_not_held_against_anyone_where_the_files_are_silent(found: UnderAgreement) -> None:
    silent = under_agreement(agreement(), small(), NOW)
    why = {promise.promise: promise.why_not for promise in silent.promises}

    assert "first touched" in why["First touch"]
    assert "accepted" in why["Quality"]
    assert "no column for email" in why["Completeness"]
    assert all(promise.met is None for promise in silent.promises)
    assert {promise.promise: promise.why_not for promise in found.promises}["Persistence"]


def test_a_trait_is_found_whatever_the_case_and_marks_of_its_header() -> None:
    leads = pl.DataFrame({"lead": ["1", "2"], "outcome": ["won", "lost"], "trait:Job_Title": ["Head of IT", "Clerk"]})
    definition = {
        "threshold": 1,
        "fit": [{"rule": "Head", "points": 1, "when": {"trait": "job title", "matches": "head"}}],
    }
    found = under_agreement(agreement(definition=definition), history(leads), NOW)

    assert [(rule.leads, rule.won) for rule in found.judged] == [(1, 1)]


def test_the_domain_of_an_account_is_that_of_the_e_mail_as_it_is_live() -> None:
    emails = ["ana@mail.acme.example", "luis@gmail.com", None]
    leads = pl.DataFrame({"lead": ["1", "2", "3"], "outcome": ["won", "lost", "lost"], "email": emails})
    when = {"account": "domain", "is": "acme.example"}
    definition = {"threshold": 1, "fit": [{"rule": "ACME", "points": 1, "when": when}]}
    found = under_agreement(agreement(definition=definition), history(leads), NOW)

    assert [(rule.leads, rule.won) for rule in found.judged] == [(1, 1)]


def test_a_rejection_is_an_answer() -> None:
    leads = worked().leads
    rejected = pl.when(pl.col("outcome") == "lost").then(pl.col("first_touch_at"))
    leads = leads.with_columns(
        rejected_at=rejected, accepted_at=pl.when(pl.col("outcome") == "won").then("accepted_at")
    )
    kept = {promise.promise: promise for promise in under_agreement(agreement(), history(leads), NOW).promises}

    assert not kept["Quality"].why_not
    assert kept["Quality"].actual not in ("", "100%")


def test_it_is_data_with_the_hash_of_what_would_be_signed(found: UnderAgreement) -> None:
    data = found.as_json()

    assert data["sha256"] == agreement().sha256()
    assert {promise["promise"] for promise in data["promises"]} == {
        "Volume", "Completeness", "Quality", "First touch", "Persistence",
    }  # fmt: skip
