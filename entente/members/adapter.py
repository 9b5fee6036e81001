"""How django-allauth behaves here: nobody signs up by themselves, and log-in limits count user and address together."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("own_settings")

    def get_client_ip(self, request: HttpRequest) -> str:
        # `members.middleware.client_address` has already believed, or not, what a proxy says.
        return str(request.META.get("REMOTE_ADDR") or "0.0.0.0")  # noqa: S104 - not an address that is bound to

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # By user and address, so that someone who guesses at a colleague's password locks only himself out.
        login = str(credentials.get("email", "")).lower()
        return f"{login}@{self.get_client_ip(request)}"
