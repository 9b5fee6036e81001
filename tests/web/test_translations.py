"""Spanish is whole: every string that is wrapped has a translation, the compiled catalogue is the written one, and no
page says a sentence in English to somebody who reads Spanish."""

from __future__ import annotations

import ast
import gettext
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client

from entente.members.models import Role
from tests.members.factories import UserFactory
from tests.web import strings, world

CATALOGUE = Path(__file__).parents[2] / "entente" / "locale" / "es" / "LC_MESSAGES"
PLACES = re.compile(r"%\(\w+\)[sd]")


def written() -> dict[str, list[str]]:
    """The catalogue as it is written: each text (and plural) with its translations."""
    found: dict[str, list[str]] = {}
    for entry in (CATALOGUE / "django.po").read_text(encoding="utf8").split("\n\n"):
        assert "fuzzy" not in entry
        fields = dict(re.findall(r'^(msgid|msgid_plural|msgstr(?:\[\d\])?) ((?:".*"\n?)+)', entry, re.M))
        said = {
            key: "".join(ast.literal_eval(line) for line in text.split("\n") if line) for key, text in fields.items()
        }
        translations = [text for key, text in said.items() if key.startswith("msgstr")]
        for key in ("msgid", "msgid_plural"):
            if said.get(key):
                found[said[key]] = translations
    return found


def test_every_string_that_people_read_is_in_spanish():
    known = written()
    missing = {(text, path.name) for text, path in [*strings.of_python(), *strings.of_templates()] if text not in known}
    assert not missing
    assert not [text for text, translations in known.items() if not all(translations)]


def test_nothing_is_translated_that_nobody_says():
    said = {text for text, _path in [*strings.of_python(), *strings.of_templates()]}
    unsaid = set(written()) - said
    assert not unsaid


def test_what_is_filled_in_is_filled_in_in_spanish_too():
    for text, translations in written().items():
        places = {place for translation in translations for place in PLACES.findall(translation)}
        assert places >= set(PLACES.findall(text)), text
        assert len(translations) > 1 or places == set(PLACES.findall(text)), text


def test_the_compiled_catalogue_is_the_written_one():
    with (CATALOGUE / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    texts = {text if isinstance(text, str) else text[0] for text in compiled if text}
    assert texts <= set(written()), "run: msgfmt -o django.mo django.po"
    for text, translations in written().items():
        if text in compiled:
            assert compiled[text] == translations[0], "run: msgfmt -o django.mo django.po"


class Words(HTMLParser):
    """The texts of a page that are ours: not those of <bdi>, <code>, options that are data, or drawings."""

    SKIPPED = ("bdi", "code", "script", "style", "svg", "title")

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.depth += tag in self.SKIPPED
        self.texts += [value or "" for name, value in attrs if name in ("aria-label", "title", "placeholder")]

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag in self.SKIPPED

    def handle_data(self, data: str) -> None:
        if not self.depth:
            self.texts.append(data)


ENGLISH = re.compile(r"\b(the|and|of|is|are|was|with|what|who|this|that|they|not|your|from|nothing|has)\b", re.I)


@pytest.mark.django_db
def test_no_page_says_a_sentence_in_english_to_who_reads_spanish():
    world.build()
    client = Client()
    client.force_login(UserFactory(role=Role.OPS, name="Olga", language="es"))
    ana = world.found("Ana")
    for address in (
        "/", "/?period=all", "/funnel/?period=all", "/funnel/?mode=period&by=rep", "/people/", "/people/?stage=1",
        f"/people/{ana.pk}/", "/deals/?period=all", "/promises/sales/0/", "/agreement/", "/imports/", "/members/",
        "/members/new/", f"/members/{client.session['_auth_user_id']}/", "/settings/", "/audit-trail/", "/design/",
        "/accounts/password/", "/nothing-here/",
    ):  # fmt: skip
        page = Words()
        page.feed(client.get(address).content.decode())
        sentences = [text.strip() for text in page.texts if "@" not in text and "/" not in text]
        english = [text for text in sentences if ENGLISH.search(text)]
        assert not english, (address, english)


@pytest.mark.django_db
def test_numbers_and_money_are_written_as_spaniards_do(client: Client):
    from django.utils import translation

    from entente.web.templatetags.entente import money, number, share, span

    with translation.override("es"):
        assert (number(12345), share(0.1053), money(1234567), span(2.5)) == (
            "12.345",
            "10,5\u202f%",
            "1.234.567\u00a0€",
            "2,5 días",
        )
    with translation.override("en"):
        assert (number(12345), share(0.1053), money(-1234567), span(2.5)) == (
            "12,345",
            "10.5%",
            "\u2212€1,234,567",
            "2.5 days",
        )
