"""Pages about members: who they are, what they did, and each one's own settings."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entente.members import actions, queries
from entente.members.actions import MembersError
from entente.members.forms import MemberForm, NewMemberForm, OwnSettingsForm
from entente.members.models import Party, Theme, User
from entente.members.permissions import TABLE, needs
from entente.members.request import signed_in

ENTRIES_PER_PAGE = 50


@needs("members.view")
@require_safe
def members(request: HttpRequest) -> HttpResponse:
    return render(request, "members/members.html", {"members": queries.members(), "table": TABLE})


@needs("members.manage")
@require_http_methods(["GET", "POST"])
def new_member(request: HttpRequest) -> HttpResponse:
    form = NewMemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            user = actions.create_user(
                asked["email"], asked["name"], asked["party"], asked["role"], by=signed_in(request)
            )
        except MembersError as error:
            form.add_error("email", str(error))
        else:
            return _show_link(request, user)
    return render(request, "members/new_member.html", {"form": form})


@needs("members.manage")
@require_POST
def member_link(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    try:
        return _show_link(request, user)
    except MembersError as error:
        messages.error(request, str(error))
        return redirect("member", pk=pk)


def _show_link(request: HttpRequest, user: User) -> HttpResponse:
    link = request.build_absolute_uri(actions.password_link(user, by=signed_in(request)))
    return render(request, "members/link.html", {"member": user, "link": link})


@needs("members.manage")
@require_http_methods(["GET", "POST"])
def member(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    form = MemberForm(request.POST or None, instance=get_object_or_404(User, pk=pk))
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            actions.change_user(
                user, by=signed_in(request), name=asked["name"], party=asked["party"], role=asked["role"]
            )
        except MembersError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("members")
    sessions = UserSession.objects.filter(user=user).count()
    return render(request, "members/member.html", {"member": user, "form": form, "sessions": sessions})


@needs("members.manage")
@require_POST
def member_access(request: HttpRequest, pk: int) -> HttpResponse:
    """Give access (`access=1`) or take it away; of who leaves sales it is asked next where their hand-offs go."""
    user = get_object_or_404(User, pk=pk)
    gives = request.POST.get("access") == "1"
    try:
        (actions.enable_user if gives else actions.disable_user)(user, by=signed_in(request))
    except MembersError as error:
        messages.error(request, str(error))
        return redirect("member", pk=pk)
    if not gives and user.party == Party.SALES:
        return redirect("leaving", rep=user.email)
    return redirect("member", pk=pk)


@needs("audit_trail.view")
@require_safe
def audit_trail(request: HttpRequest) -> HttpResponse:
    verb = request.GET.get("verb", "").replace("\0", "")[:40]
    page = Paginator(queries.trail(verb), ENTRIES_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "members/audit_trail.html", {"page": page, "verb": verb})


@needs("own.settings")
@require_http_methods(["GET", "POST"])
def own_settings(request: HttpRequest) -> HttpResponse:
    form = OwnSettingsForm(request.POST or None, instance=User.objects.get(pk=signed_in(request).pk))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("own_settings")
    sessions = UserSession.objects.filter(user=signed_in(request)).order_by("-created_at")
    return render(request, "members/own_settings.html", {"form": form, "sessions": sessions})


@needs("own.settings")
@require_POST
def own_session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of my own sessions; another's is not found."""
    get_object_or_404(UserSession, pk=pk, user=signed_in(request)).end()
    return redirect("own_settings")


@needs("own.settings")
@require_POST
def own_theme(request: HttpRequest) -> HttpResponse:
    theme = request.POST.get("theme", "")
    if theme in Theme.values:
        User.objects.filter(pk=signed_in(request).pk).update(theme=theme)
    back = request.POST.get("next", "/")
    return redirect(back if url_has_allowed_host_and_scheme(back, None) and back.startswith("/") else "/")
