"""What members fill in: a form over the document of a rule, the document itself, and an address."""

from __future__ import annotations

from datetime import time
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from entente.agreements.tree import plain_value
from entente.alerts.channels import CHANNELS
from entente.alerts.happened import Kind

ON_HAND_OFFS: Final = "on"
DEEDS: Final = [
    ("page", gettext_lazy("looks at a page")),
    ("track", gettext_lazy("does something that is tracked")),
    ("event", gettext_lazy("has an event of a type")),
    ("anything", gettext_lazy("does anything at all")),
    (ON_HAND_OFFS, gettext_lazy("(hand-offs and promises, chosen below)")),
]
KINDS: Final = [
    (Kind.ASSIGNED.value, gettext_lazy("a hand-off is given to a rep")),
    (Kind.QUALIFIED.value, gettext_lazy("somebody qualifies")),
    (Kind.WARNING.value, gettext_lazy("a promise will soon be due")),
    (Kind.BREACH.value, gettext_lazy("a promise is broken")),
    (Kind.ESCALATION.value, gettext_lazy("a broken promise is escalated")),
    (Kind.WAITING.value, gettext_lazy("a hand-off waits and nobody can take it")),
]
SUBJECTS: Final = [
    ("where", gettext_lazy("the event's property")),
    ("trait", gettext_lazy("the person's trait")),
    ("account", gettext_lazy("the company's value")),
]
TESTS: Final = [
    ("is", gettext_lazy("is")),
    ("in", gettext_lazy("is one of (with commas)")),
    ("not_in", gettext_lazy("is known and none of (with commas)")),
    ("from", gettext_lazy("is at least")),
    ("to", gettext_lazy("is at most")),
    ("matches", gettext_lazy("matches the pattern")),
    ("exists", gettext_lazy("is known")),
]
PAUSES: Final = [
    ("", gettext_lazy("As often as it happens")),
    ("15 minutes", gettext_lazy("At most once in 15 minutes")),
    ("1 hour", gettext_lazy("At most once an hour")),
    ("4 hours", gettext_lazy("At most once in 4 hours")),
    ("1 day", gettext_lazy("At most once a day")),
]
RHYTHMS: Final = [
    ("", gettext_lazy("At once")),
    ("15 minutes", gettext_lazy("Collected, every 15 minutes")),
    ("1 hour", gettext_lazy("Collected, every hour")),
    ("daily", gettext_lazy("Collected, once a day")),
]


class RuleForm(forms.Form):
    """A rule in plain questions. What they cannot say is written as YAML."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    deed = forms.ChoiceField(label=gettext_lazy("Tell me when somebody"), choices=DEEDS)
    what = forms.CharField(
        label=gettext_lazy("Which page, name or type"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("A path such as /pricing*, the exact name of a tracked call, or a type such as call."),
    )
    on = forms.MultipleChoiceField(
        label=gettext_lazy("Or tell me when"), choices=KINDS, required=False, widget=forms.CheckboxSelectMultiple
    )
    subject = forms.ChoiceField(label=gettext_lazy("Only if"), choices=SUBJECTS, required=False)
    property = forms.CharField(label=gettext_lazy("of the name"), required=False, max_length=200)
    test = forms.ChoiceField(label=gettext_lazy("passes the test"), choices=TESTS, required=False)
    value = forms.CharField(label=gettext_lazy("Value"), required=False, max_length=500)
    account = forms.CharField(
        label=gettext_lazy("Only people of this company"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Its domain, such as acme.example, or its name."),
    )
    score_at_least = forms.DecimalField(label=gettext_lazy("Only with a score of at least"), required=False)
    mine = forms.BooleanField(label=gettext_lazy("Only people whose open hand-off is mine"), required=False)
    at_most_one_per = forms.ChoiceField(label=gettext_lazy("About the same person"), choices=PAUSES, required=False)
    digest = forms.ChoiceField(label=gettext_lazy("Sent"), choices=RHYTHMS, required=False)
    daily_at = forms.TimeField(
        label=gettext_lazy("Once a day at"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    quiet_from = forms.TimeField(
        label=gettext_lazy("Quiet from"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    quiet_to = forms.TimeField(
        label=gettext_lazy("Quiet until"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    tell = forms.MultipleChoiceField(label=gettext_lazy("Where"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *given: Any, zone: str, places: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*given, **named)
        self.zone = zone
        self.fields["tell"].choices = places  # type: ignore[attr-defined]  # it is a field of choices
        self.fields["quiet_from"].help_text = self.fields["quiet_to"].help_text = zone

    def clean(self) -> dict[str, Any]:
        """Nothing that was filled in is passed over in silence."""
        filled = super().clean() or {}
        if filled.get("on") and filled.get("deed") != ON_HAND_OFFS:
            self.add_error("on", _("Choose hand-offs and promises above, or untick these."))
        if filled.get("value", "").strip() and not filled.get("property", "").strip():
            self.add_error("property", _("Name the property, trait or value that is tested."))
        return filled

    def document(self) -> dict[str, Any]:
        """What was filled in, as the document of a rule; its reader says what is wrong with it."""
        filled = self.cleaned_data
        data: dict[str, Any] = {"name": filled["name"]}
        if filled["deed"] == ON_HAND_OFFS:
            data["on"] = filled["on"]
        elif when := _condition(filled):
            data["when"] = when
        if filled["account"].strip():
            data["account"] = filled["account"]
        if filled["mine"]:
            data["mine"] = True
        if filled["score_at_least"] is not None:
            data["score_at_least"] = plain_value(f"{filled['score_at_least'].normalize():f}")
        return data | self._timing() | {"tell": filled["tell"]}

    def _timing(self) -> dict[str, Any]:
        filled = self.cleaned_data
        data: dict[str, Any] = {}
        if filled["at_most_one_per"]:
            data["at_most_one_per"] = filled["at_most_one_per"]
        if filled["digest"] == "daily":
            data["digest"] = f"daily at {filled['daily_at'] or time(8, 30):%H:%M} {self.zone}"
        elif filled["digest"]:
            data["digest"] = filled["digest"]
        if filled["quiet_from"] or filled["quiet_to"]:
            ends = {"from": filled["quiet_from"], "to": filled["quiet_to"]}
            data["quiet"] = {key: f"{end:%H:%M}" for key, end in ends.items() if end} | {"timezone": self.zone}
        return data


def _condition(filled: dict[str, Any]) -> dict[str, Any] | None:
    """The condition in the agreement's vocabulary; None for anything at all."""
    deed, what = filled["deed"], filled["what"].strip()
    behaviour: dict[str, Any] | None = None if deed == "anything" else {deed: what}
    name = filled["property"].strip()
    if not name:
        return behaviour
    test = {filled["test"]: _value(filled["test"], filled["value"])}
    if filled["subject"] == "where":
        return {**(behaviour or {"page": "*"}), "where": {name: test}}
    return {"all": [behaviour or {"page": "*"}, {filled["subject"]: name, **test}]}


def _value(test: str, written: str) -> Any:
    if test == "exists":
        return True
    if test in ("in", "not_in"):
        return [plain_value(part.strip()) for part in written.split(",") if part.strip()]
    return written if test == "matches" else plain_value(written.strip())


class DocumentForm(forms.Form):
    """The rule as YAML."""

    document = forms.CharField(
        label=gettext_lazy("The rule, as YAML"), widget=forms.Textarea({"rows": 16, "spellcheck": "false"})
    )


def _offered() -> list[tuple[str, str | Promise]]:
    """The channels to which an address can be typed here."""
    return [(name, channel.label) for name, channel in CHANNELS.items() if channel.typed and channel.available()]


class AddressForm(forms.Form):
    """An address of a channel that asks for one."""

    channel = forms.ChoiceField(label=gettext_lazy("Channel"), choices=_offered)
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=60, help_text=gettext_lazy("What your rules will call it.")
    )
    address = forms.CharField(
        label=gettext_lazy("Address"), max_length=2000, widget=forms.TextInput({"autocomplete": "off"})
    )
