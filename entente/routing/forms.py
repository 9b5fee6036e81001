"""What is typed about absences and capacities."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from entente.routing.absences import LONGEST_BEFORE, MOST


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class AbsenceForm(forms.Form):
    """When somebody is away; both days are whole and belong to it."""

    first = forms.DateField(label=gettext_lazy("First day away"), widget=DayInput)
    last = forms.DateField(label=gettext_lazy("Last day away"), widget=DayInput)
    days_before = forms.IntegerField(
        label=gettext_lazy("Days before it without new leads"),
        min_value=0,
        max_value=LONGEST_BEFORE,
        initial=0,
        help_text=gettext_lazy("So that nothing new is begun that cannot be followed up."),
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        first, last = told.get("first"), told.get("last")
        if first and last and last < first:
            self.add_error("last", _("The absence ends before it begins."))
        return told


class CapacityForm(forms.Form):
    """How many open hand-offs a rep may have; empty for the agreement's number."""

    at_most = forms.IntegerField(
        label=gettext_lazy("Open hand-offs at most"),
        min_value=0,
        max_value=MOST,
        required=False,
        help_text=gettext_lazy("Empty: the number of the agreement. 0: nothing new."),
    )


class LeavingForm(forms.Form):
    """Where the open hand-offs of somebody go."""

    to = forms.ChoiceField(label=gettext_lazy("Their open hand-offs go"), required=False)

    def __init__(self, *args: Any, colleagues: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to = self.fields["to"]
        assert isinstance(to, forms.ChoiceField)  # noqa: S101 - for the type checker
        to.choices = [("", _("back to be dealt among the team")), *colleagues]
