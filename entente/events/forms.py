"""What operations type when they make a write key."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from entente.events.keys import DEFAULT_RATE, LONGEST_NAME, KeyProblem, read_origin


class WriteKeyForm(forms.Form):
    """A name, a source, and for which websites."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME, help_text=_("What will send with it."))
    source = forms.CharField(
        label=_("Source"),
        max_length=LONGEST_NAME,
        initial="web",
        help_text=_("Events are told apart by source: one for each website, app or system."),
    )
    origins = forms.CharField(
        label=_("Websites"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "One a line, such as https://www.acme.example. A key that stands in public pages needs them: it may then "
            "be used by these pages only, and tells visits and forms only. Leave empty for a system of your own."
        ),
    )
    rate_per_second = forms.IntegerField(
        label=_("Events a second"), min_value=1, max_value=1_000_000, initial=DEFAULT_RATE,
        help_text=_("More are refused, and their sender told to come again."),
    )  # fmt: skip

    def clean_origins(self) -> list[str]:
        try:
            return [read_origin(line) for line in self.cleaned_data["origins"].split()]
        except KeyProblem as problem:
            raise forms.ValidationError(str(problem)) from problem
