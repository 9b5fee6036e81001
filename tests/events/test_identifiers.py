"""What is never an identifier, and when two addresses are one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entente.events.identifiers import (
    LONGEST,
    clean_email,
    clean_identifier,
    identity_of,
    is_role_mailbox,
    named_by_alias,
)


@pytest.mark.parametrize(
    "value",
    [
        "", "   ", "null", "NULL", " Undefined ", "none", "NaN", "[object Object]", "anonymous", "Guest", "unknown",
        "-1", "0", "0000", "00000000-0000-0000-0000-000000000000", "true", "False", None, True, False, 0, -1, 1.5,
        [], {}, "x" * (LONGEST + 1),
    ],
)  # fmt: skip
def test_this_identifies_nobody(value):
    assert clean_identifier(value) is None


@pytest.mark.parametrize("value", ["u1", " u1 ", "10", "ñandú", "none-such", "nullable", "a0"])
def test_this_identifies_somebody(value):
    assert clean_identifier(value) == value.strip()


def test_a_number_is_its_digits():
    assert clean_identifier(4711) == "4711"


def test_case_tells_user_ids_apart():
    assert identity_of("Ab", None, None) != identity_of("ab", None, None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ana@Acme.ES", "ana@acme.es"),
        ("  ana@acme.es\n", "ana@acme.es"),
        ("mailto:ana@acme.es", "ana@acme.es"),
        ("ana@xn--bcher-kva.example", "ANA@BÜCHER.example"),
        ("jose\u0301@acme.es", "josé@acme.es"),
    ],
)
def test_two_ways_to_write_one_address(one, other):
    assert clean_email(one) == clean_email(other) is not None


@pytest.mark.parametrize(
    "text", ["", "ana", "ana@", "@acme.es", "ana@acme", "a b@acme.es", "ana@@acme.es", "a..b@c.es", "ana@acme..es",
             "a\x00@b.es", "\ud800@b.es", 5, None, "x" * 300 + "@acme.es"],
)  # fmt: skip
def test_this_is_no_address(text):
    assert clean_email(text) is None


@given(st.emails())
def test_normalising_again_changes_nothing(address):
    once = clean_email(address)
    assert once is None or clean_email(once) == once


@pytest.mark.parametrize("address", ["info@acme.es", "ventas@acme.es", "no-reply@acme.es", "sales+web@acme.es"])
def test_a_role_mailbox_identifies_nobody(address):
    assert is_role_mailbox(address)
    assert identity_of(None, address, None) is None
    assert identity_of(None, address, "a1") == "anon:a1"


def test_a_person_is_found_by_user_id_then_email_then_device():
    assert identity_of("u", "ana@acme.es", "d") == "user:u"
    assert identity_of("null", "ana@acme.es", "d") == "email:ana@acme.es"
    assert identity_of(None, "nobody", "d") == "anon:d"
    assert identity_of("null", "", "undefined") is None


def test_a_previous_id_may_be_a_user_a_device_or_an_address():
    named = named_by_alias("Ana@acme.es")
    assert named is not None
    assert named.all == ["user:Ana@acme.es", "anon:Ana@acme.es", "email:ana@acme.es"]
    assert named_by_alias("null") is None
