"""Signing in: no sign-up, no hint about who is a member, limits by user and address together, sessions that end."""

from __future__ import annotations

import time

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import NoReverseMatch, reverse

from entente.members.models import User
from tests.members.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_tries_counted():
    cache.clear()


def sign_in(client: Client, email: str, password: str, **extra: str):
    return client.post("/accounts/login/", {"login": email, "password": password}, **extra)


def test_nobody_can_sign_up():
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")
    assert Client().get("/accounts/signup/").status_code == 404


def test_a_wrong_password_and_an_unknown_address_look_the_same(client: Client):
    UserFactory(email="ana@acme.example")
    known = sign_in(client, "ana@acme.example", "wrong wrong").content.decode()
    unknown = sign_in(client, "bob@acme.example", "wrong wrong").content.decode()
    blind = [text.replace("bob@acme", "ana@acme") for text in (known, unknown)]
    assert _without_token(blind[0]) == _without_token(blind[1])


def _without_token(page: str) -> str:
    import re

    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def test_who_guesses_is_stopped_and_the_colleague_elsewhere_is_not(client: Client):
    UserFactory(email="ana@acme.example")
    for _ in range(5):
        sign_in(client, "ana@acme.example", "wrong wrong")
    assert sign_in(client, "ana@acme.example", PASSWORD).status_code == 200, "stopped, even with the right one"
    elsewhere = sign_in(Client(REMOTE_ADDR="198.51.100.7"), "ana@acme.example", PASSWORD)
    assert (elsewhere.status_code, elsewhere["Location"]) == (302, "/")


def test_one_address_that_tries_many_names_is_stopped():
    statuses = {sign_in(Client(), f"user{n}@acme.example", "wrong wrong").status_code for n in range(70)}
    assert 429 in statuses


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"])
def test_the_next_page_is_only_ever_ours(client: Client, where: str):
    UserFactory(email="ana@acme.example")
    response = client.post(
        f"/accounts/login/?next={where}", {"login": "ana@acme.example", "password": PASSWORD, "next": where}
    )
    assert response["Location"] == "/"


def test_a_disabled_member_is_told_so_only_with_the_right_password(client: Client):
    UserFactory(email="ana@acme.example", is_active=False)
    assert sign_in(client, "ana@acme.example", "wrong wrong").status_code == 200
    assert sign_in(client, "ana@acme.example", PASSWORD)["Location"] == "/accounts/inactive/"


def test_a_session_that_idles_ends(client: Client, settings):
    client.force_login(UserFactory())
    client.get("/settings/")
    _age(client, used=settings.SESSION_IDLE_SECONDS + 1)
    assert client.get("/settings/").status_code == 302


def test_a_session_that_is_too_old_ends_however_busy_it_is(client: Client, settings):
    client.force_login(UserFactory())
    client.get("/settings/")
    _age(client, began=settings.SESSION_COOKIE_AGE + 1)
    assert client.get("/settings/").status_code == 302


def test_a_session_in_use_goes_on(client: Client):
    client.force_login(UserFactory())
    client.get("/settings/")
    _age(client, used=3600)
    assert client.get("/settings/").status_code == 200
    assert time.time() - client.session["used"] < 60


def _age(client: Client, **keys: int) -> None:
    session = client.session
    for key, seconds in keys.items():
        session[key] -= seconds
    session.save()


def test_a_member_ends_their_own_session_and_nobody_else_can(client: Client):
    ana, bob = UserFactory(email="ana@acme.example"), UserFactory(email="bob@acme.example")
    sign_in(client, ana.email, PASSWORD)
    other = Client()
    sign_in(other, bob.email, PASSWORD)
    session = ana.usersession_set.get()
    assert other.post(f"/settings/sessions/{session.pk}/end/").status_code == 404
    assert client.get("/settings/").status_code == 200
    client.post(f"/settings/sessions/{session.pk}/end/")
    assert client.get("/settings/").status_code == 302


def test_a_password_that_was_changed_ends_the_other_sessions(client: Client):
    user = UserFactory(email="ana@acme.example")
    elsewhere = Client()
    for one in (client, elsewhere):
        sign_in(one, user.email, PASSWORD)
    new = "another horse 88"
    client.post("/accounts/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert client.get("/settings/").status_code == 200
    assert elsewhere.get("/settings/").status_code == 302


@override_settings(TRUSTED_PROXIES=["10.0.0.0/8"])
@pytest.mark.parametrize(
    ("peer", "forwarded", "believed"),
    [
        ("203.0.113.9", "1.2.3.4", "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        ("10.0.0.1", "<script>", "10.0.0.1"),
    ],
)
def test_an_address_is_believed_from_our_proxies_only(peer: str, forwarded: str, believed: str):
    from django.http import HttpRequest, HttpResponse

    from entente.members.middleware import client_address

    seen = []
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded, "HTTP_X_FORWARDED_PROTO": "https"}
    client_address(lambda r: seen.append((r.META["REMOTE_ADDR"], r.is_secure())) or HttpResponse())(request)
    assert seen == [(believed, peer.startswith("10."))]


def test_pages_speak_the_language_and_tell_the_time_of_their_reader(client: Client):
    user = UserFactory(language="es", timezone="America/Mexico_City")
    client.force_login(user)
    page = client.get("/settings/").content.decode()
    assert '<html lang="es"' in page
    User.objects.filter(pk=user.pk).update(language="en")
    assert '<html lang="en"' in client.get("/settings/").content.decode()
