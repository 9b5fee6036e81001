"""Every address x every role: what the table says is what happens. New addresses are found by the test itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from entente.members.models import Party, Role
from entente.members.permissions import API, PUBLIC, TABLE, allows, as_markdown, needs
from tests.members.factories import UserFactory

DOCS = Path(__file__).parents[2] / "docs" / "reference" / "permissions.md"
SAMPLES = {"int": "1", "str": "a", "slug": "a", "path": "a"}
WAYS_IN = ("/accounts/logout/",)  # signs the walker out


def all_patterns(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[tuple[str, URLPattern]]:
    for pattern in (resolver or get_resolver()).url_patterns:
        assert isinstance(pattern.pattern, RoutePattern), "addresses are written as routes"
        route = prefix + pattern.pattern._route
        if isinstance(pattern, URLResolver):
            yield from all_patterns(pattern, route)
        else:
            yield route, pattern


def sample(route: str) -> str:
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES[found[1] or "str"], route)


EVERY_ADDRESS = [(sample(route), pattern.callback) for route, pattern in all_patterns()]
ADDRESSES = sorted((address, view) for address, view in EVERY_ADDRESS if getattr(view, "permission", "") != API)
"""Those of pages; the API's, which answer in JSON, are walked in `tests/api/test_permissions.py`."""


def test_every_view_carries_an_entry_of_the_table():
    naked = [address for address, view in ADDRESSES if getattr(view, "permission", None) not in {*TABLE, PUBLIC}]
    assert not naked


def test_only_what_answers_in_json_is_left_to_the_walk_of_the_api():
    others = {address for address, view in EVERY_ADDRESS if getattr(view, "permission", "") == API}
    assert {address for address in others if not address.startswith("/api/v1/")} == {"/metrics"}


def test_only_these_views_are_public():
    public = {address for address, view in ADDRESSES if view.permission == PUBLIC}
    assert public == {
        "/accounts/login/",
        "/accounts/logout/",
        "/accounts/inactive/",
        "/accounts/invitation/a/a/",
        "/accounts/invitation/done/",
        "/api/v1/docs",
        "/api/v1/openapi.json",
        "/healthz",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_sent_to_the_log_in_from_everywhere(client: Client, method: str):
    for address, view in ADDRESSES:
        response = getattr(client, method)(address)
        turned_away = response.status_code == 302 and response["Location"].startswith("/accounts/login/?next=")
        assert turned_away == (view.permission != PUBLIC), address


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("party", Party.values)
@pytest.mark.parametrize("role", Role.values)
def test_each_role_of_each_party_is_let_in_where_the_table_says_and_nowhere_else(role: str, party: str, method: str):
    user = UserFactory(role=role, party=party)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    for address, view in ADDRESSES:
        if address in WAYS_IN:
            continue
        response = getattr(client, method)(address)
        assert (response.status_code == 403) == (not allows(user, view.permission)), (address, response.status_code)
        assert response.status_code < 500, address


@pytest.mark.django_db
def test_a_disabled_user_is_a_stranger_everywhere():
    user = UserFactory(role=Role.OPS, party="")
    client = Client()
    client.force_login(user)
    assert client.get("/settings/").status_code == 200
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    for address, view in ADDRESSES:
        if view.permission != PUBLIC:
            assert client.get(address)["Location"].startswith("/accounts/login/"), address


@pytest.mark.django_db
def test_a_view_without_an_entry_is_refused_by_the_middleware(rf):
    from django.core.exceptions import PermissionDenied

    from entente.members.middleware import EveryViewHasAPermission

    guard = EveryViewHasAPermission(lambda request: None)
    with pytest.raises(PermissionDenied):
        guard.process_view(rf.get("/"), lambda request: None, (), {})


def test_a_misspelt_permission_is_an_error_when_the_module_loads():
    with pytest.raises(LookupError, match="poeple"):
        needs("poeple.view")


def test_the_reference_shows_the_table_as_it_is():
    assert as_markdown() in DOCS.read_text()
