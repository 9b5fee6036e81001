"""What members type about themselves and about each other."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from entente.members.keys import LONGEST_NAME
from entente.members.models import Party, Role, Theme, User
from entente.members.scopes import SCOPES

if TYPE_CHECKING:
    UserForm = forms.ModelForm[User]
else:
    UserForm = forms.ModelForm  # which takes no type while it runs

PLACES = ("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")

PARTIES = [
    (Party.MARKETING, Party.MARKETING.label),
    (Party.SALES, Party.SALES.label),
    (Party.NEITHER, _("Neither party")),
]


def time_zones() -> list[tuple[str, str]]:
    """Zones named after a place, and UTC; the outdated spellings that the database keeps are left out."""
    names = sorted(name for name in zoneinfo.available_timezones() if name.startswith(PLACES))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


class MemberForm(UserForm):
    """What operations decide about a member."""

    party = forms.ChoiceField(
        label=_("Party"), choices=PARTIES, required=False, help_text=_("Whose promises are theirs to keep.")
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Role.choices,
        help_text=_("A sales member is a rep; a manager leads their party; operations set everything up."),
    )

    class Meta:
        model = User
        fields = ["name", "party", "role"]


class NewMemberForm(MemberForm):
    """A new member; they set their password by a link that is shown once."""

    class Meta(MemberForm.Meta):
        fields = ["email", "name", "party", "role"]

    def _post_clean(self) -> None:
        # Whether the address is taken is the business of `actions.create_user`, which says so in words.
        self._validate_unique = False
        super()._post_clean()  # type: ignore[misc]  # private, and so not in django-stubs


class ApiKeyForm(forms.Form):
    """What operations decide about a program's key."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME, help_text=_("Which program will use it."))
    acts_as = forms.ModelChoiceField(
        label=_("Acts as"),
        queryset=User.objects.filter(is_active=True).order_by("name", "pk"),
        help_text=_("What the program does is done as this member, and only what their role allows."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("Allowed to"), choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )
    expires = forms.DateField(
        label=_("Ends on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Leave empty for a key that works until it is revoked."),
    )


class OwnSettingsForm(UserForm):
    """What a member decides about themselves."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    timezone = forms.ChoiceField(
        choices=time_zones,
        label=_("Time zone"),
        help_text=_("Times on pages are told in it. Promises count in the agreement's own."),
    )
    theme = forms.ChoiceField(label=_("Appearance"), choices=Theme.choices, required=False)

    class Meta:
        model = User
        fields = ["name", "language", "timezone", "theme"]
