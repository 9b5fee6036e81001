"""The page that shows the API works in a real browser under our Content-Security-Policy, from our own files alone."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from entente.api.gateway import api as the_api
from tests.members.factories import PASSWORD, UserFactory


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_shows_every_route_and_a_signed_in_member_tries_one(chromium, live_server):
    olga = UserFactory(role="ops", party="")
    page, complaints, strangers = chromium.new_page(), [], []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: strangers.append(asked.url) if _is_elsewhere(asked.url, live_server.url) else None)
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_role("textbox").first.fill(olga.email)
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/")
    page.goto(f"{live_server.url}/api/v1/docs")
    routes = sum(len(methods) for methods in the_api.get_openapi_schema(path_prefix="/api/v1/")["paths"].values())
    expect(page.locator(".opblock")).to_have_count(routes)
    me = page.locator(".opblock", has_text="/api/v1/me")
    me.locator(".opblock-summary-control").click()
    me.get_by_role("button", name="Try it out").click()
    me.get_by_role("button", name="Execute").click()
    expect(me.locator(".live-responses-table")).to_contain_text(olga.email)
    assert not complaints
    assert not strangers


def _is_elsewhere(address: str, ours: str) -> bool:
    return not address.startswith((ours, "data:", "blob:"))


@pytest.mark.django_db
def test_the_page_has_no_script_or_style_of_its_own():
    answer = Client().get("/api/v1/docs")
    page = answer.content.decode()
    assert not re.search(r"<style|\son\w+=|javascript:", page)
    for script in re.findall(r"<script([^>]*)>", page):
        assert 'src="/static/ninja/' in script or 'type="application/json"' in script
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "img-src 'self' data:" in policy


@pytest.mark.django_db
def test_the_description_is_told_to_anybody_and_every_field_and_error_in_it_is_explained():
    document = Client().get("/api/v1/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    routes = [route for methods in document["paths"].values() for route in methods.values()]
    assert len({route["operationId"] for route in routes}) == len(routes)
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            assert route["description"], (method, path)
            for parameter in route["parameters"]:
                assert parameter.get("description"), (method, path, parameter["name"])
            for status, answer in route["responses"].items():
                if int(status) >= 400:
                    assert answer["content"]["application/problem+json"]["example"]["status"] == int(status)
    for name, schema in document["components"]["schemas"].items():
        for field, told in schema.get("properties", {}).items():
            assert told.get("description"), f"{name}.{field}"


@pytest.mark.django_db
def test_what_writes_takes_an_idempotency_key():
    paths = Client().get("/api/v1/openapi.json").json()["paths"]
    for path, methods in paths.items():
        for method, route in methods.items():
            named = {parameter["name"] for parameter in route["parameters"]}
            assert ("Idempotency-Key" in named) == (method != "get"), (method, path)
