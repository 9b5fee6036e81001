"""What holds for every page: the policy of contents, static files that may be kept, errors in our design, health."""

from __future__ import annotations

import pytest
from django.db import DatabaseError
from django.test import Client, RequestFactory, override_settings

from entente.web import errors
from tests.members.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_nothing_foreign_and_nothing_inline_may_run(client: Client):
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    assert "'unsafe-inline'" not in policy
    assert "'unsafe-eval'" not in policy
    for rule in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"):
        assert rule in policy


def test_no_page_has_a_style_or_a_handler_inside(client: Client):
    client.force_login(UserFactory(role="ops"))
    for address in ("/design/", "/members/", "/settings/", "/audit-trail/"):
        page = client.get(address).content.decode()
        assert ' style="' not in page
        assert "<style" not in page
        assert " onclick=" not in page
        assert "http://" not in page.replace("http://www.w3.org/", ""), "nothing is loaded from elsewhere"


def test_style_sheets_are_kept_for_a_year_and_change_their_address_with_their_content(client: Client):
    page = client.get("/accounts/login/").content.decode()
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "?v=" in address
    served = client.get(address)
    assert served.status_code == 200
    assert "max-age=31536000" in served["Cache-Control"]


def test_health_is_told_to_strangers_and_nothing_else(client: Client, monkeypatch: pytest.MonkeyPatch):
    assert client.get("/healthz").json() == {"status": "ok"}

    def broken(*_: object) -> None:
        raise DatabaseError("password=secret")

    monkeypatch.setattr("entente.web.views.connection.cursor", broken)
    down = client.get("/healthz")
    assert down.status_code == 503
    assert "secret" not in down.content.decode()


@pytest.mark.parametrize(
    ("status", "view"),
    [(400, errors.bad_request), (403, errors.forbidden), (404, errors.not_found)],
)
def test_errors_are_pages_of_ours(status: int, view, rf: RequestFactory):
    response = view(rf.get("/"), Exception("<script>"))
    assert response.status_code == status
    assert "entrance" in response.content.decode()
    assert "<script>" not in response.content.decode()


def test_a_broken_page_is_shown_without_the_database(rf: RequestFactory, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = errors.server_error(rf.get("/"))
    assert response.status_code == 500
    assert "It is our fault" in response.content.decode()


def test_who_lacks_a_permission_is_told_which(client: Client):
    client.force_login(UserFactory(role="viewer"))
    response = client.get("/audit-trail/")
    assert response.status_code == 403
    assert "read the audit trail" in response.content.decode()


@override_settings(ALLOWED_HOSTS=["entente.company.example"])
def test_a_name_that_is_not_ours_is_refused():
    assert Client(HTTP_HOST="evil.example").get("/healthz").status_code == 400


def test_an_old_form_is_refused_with_a_remedy():
    client = Client(enforce_csrf_checks=True)
    response = client.post("/accounts/login/", {"login": "a", "password": "b"})
    assert response.status_code == 403
    assert "reload the page" in response.content.decode()


def test_the_theme_is_the_users_choice_and_stays_on_the_page(client: Client):
    client.force_login(UserFactory())
    response = client.post("/settings/theme/", {"theme": "dark", "next": "/design/"})
    assert response["Location"] == "/design/"
    assert 'data-theme="dark"' in client.get("/design/").content.decode()
    assert client.post("/settings/theme/", {"theme": "pink", "next": "//evil.example"})["Location"] == "/"
    assert 'data-theme="dark"' in client.get("/design/").content.decode()
