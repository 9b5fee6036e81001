"""Lists of numbers reach the database as they are, however they are written."""

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

VALUES = st.lists(st.integers(-(2**63), 2**63 - 1), max_size=30)


class Lists(TestCase):
    @given(VALUES)
    def test_of_whole_numbers(self, numbers):
        assert returned(numbers, "bigint[]") == numbers

    @given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=9))
    def test_of_texts(self, texts):
        assert returned(texts, "text[]") == texts

    @given(st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2), min_size=1, max_size=5))
    def test_of_lists(self, lists):
        assert returned(lists, "int[]") == lists


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "kind"),
    [([True, False], "boolean[]"), ([1, None], "bigint[]"), ([1.5, 2.0], "float8[]"), ([None], "int[]"), ([], "int[]")],
)
def test_lists_of_anything_else(given, kind):
    assert returned(given, kind) == given


def returned(value, kind):
    with connection.cursor() as sql:
        sql.execute(f"SELECT %s::{kind}", [value])
        return sql.fetchone()[0]
