"""Pages about alerts: what I want to hear of and where, what I was told, and how deliveries go."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.handlers.asgi import ASGIRequest
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entente.agreements.problems import AgreementError
from entente.alerts import actions, queries, rulebook
from entente.alerts.actions import AlertsError
from entente.alerts.channels import CHANNELS
from entente.alerts.describing import described, place_name, rhythm
from entente.alerts.document import BROWSER, EMAIL, AlertDocument, from_data, parse
from entente.alerts.form_data import form_data, zone_of
from entente.alerts.forms import KINDS, AddressForm, DocumentForm, RuleForm
from entente.alerts.models import Address, AlertRule, Notification, Outbox
from entente.alerts.receivers import CONCERNS
from entente.alerts.stream import stream
from entente.members.models import Party, User
from entente.members.permissions import needs
from entente.members.request import signed_in

PER_PAGE = 50
EXAMPLE = """\
name: Pricing at ACME
when: {page: "/pricing*"}
account: acme.example
at_most_one_per: 1 hour
tell: [browser]
"""


@needs("alerts.own")
@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    rules = [_shown(row) for row in queries.rules_of(user)]
    return render(request, "alerts/alerts.html", {"rules": rules, "unasked": _unasked(user)})


def _shown(row: AlertRule) -> dict[str, Any]:
    document = rulebook.read(row)
    if document is None:
        return {"row": row, "heard": _("This rule cannot be read any more; write it anew."), "tell": []}
    tell = [place_name(name) for name in document.tell]
    return {"row": row, "heard": described(document), "rhythm": rhythm(document.timing), "tell": tell}


def _unasked(user: User) -> list[str]:
    """What the member is told in the browser without a rule."""
    roles = {f"{user.party}_{user.role}", user.role, *(("rep",) if user.party == Party.SALES else ())}
    return [str(label) for kind, label in KINDS if roles & set(CONCERNS[kind])]  # type: ignore[index]  # a kind is its text


@needs("alerts.own")
@require_http_methods(["GET", "POST"])
def alert_new(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@needs("alerts.own")
@require_http_methods(["GET", "POST"])
def alert(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, _own_rule(request, pk))


def _own_rule(request: HttpRequest, pk: int) -> AlertRule:
    return get_object_or_404(queries.rules_of(signed_in(request)), pk=pk)


def _edit(request: HttpRequest, rule: AlertRule | None) -> HttpResponse:
    document = rulebook.read(rule) if rule else None
    zone = zone_of(document, signed_in(request).timezone) if document else signed_in(request).timezone
    initial = form_data(document, zone) if document else None
    as_yaml = request.GET.get("as") == "yaml" or (document is not None and initial is None)
    form = _yaml_form(request, document) if as_yaml else _plain_form(request, initial, zone)
    if request.method == "POST" and form.is_valid() and _save(request, form, rule):
        messages.success(request, _("Saved."))
        return redirect("alerts")
    return render(
        request,
        "alerts/alert.html",
        {"form": form, "rule": rule, "as_yaml": as_yaml, "only_yaml": document is not None and initial is None},
    )


def _yaml_form(request: HttpRequest, document: AlertDocument | None) -> DocumentForm:
    return DocumentForm(request.POST or None, initial={"document": document.to_yaml() if document else EXAMPLE})


def _plain_form(request: HttpRequest, initial: dict[str, Any] | None, zone: str) -> RuleForm:
    user = signed_in(request)
    start = initial or {"what": "/pricing*", "at_most_one_per": "1 hour", "tell": [BROWSER]}
    return RuleForm(request.POST or None, initial=start, zone=zone, places=_places(user))


def _places(user: User) -> list[tuple[str, str]]:
    """Where this member can be told."""
    places = [(BROWSER, _("in the browser"))]
    if CHANNELS[EMAIL].available():
        places.append((EMAIL, _("by e-mail, at %(address)s") % {"address": user.email}))
    named = queries.addresses_of(user).exclude(name=EMAIL)
    return [*places, *((row.name, f"{row.name} ({CHANNELS[row.channel].label})") for row in named)]


def _save(request: HttpRequest, form: RuleForm | DocumentForm, rule: AlertRule | None) -> bool:
    """Whether the rule is kept; else the form says what is wrong."""
    user = signed_in(request)
    try:
        if isinstance(form, DocumentForm):
            document = parse(form.cleaned_data["document"], user.timezone)
        else:
            document = from_data(form.document(), user.timezone)
        actions.save_rule(user, document, timezone.now(), rule)
    except AgreementError as error:
        for problem in error.problems:
            form.add_error(None, str(problem))
    except AlertsError as error:
        form.add_error(None, str(error))
    return not form.errors


@needs("alerts.own")
@require_POST
def alert_pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause the rule (`paused=1`) or let it go on."""
    actions.pause_rule(_own_rule(request, pk), timezone.now(), paused=request.POST.get("paused") == "1")
    return redirect("alerts")


@needs("alerts.own")
@require_POST
def alert_delete(request: HttpRequest, pk: int) -> HttpResponse:
    actions.delete_rule(_own_rule(request, pk))
    messages.success(request, _("The rule is deleted."))
    return redirect("alerts")


@needs("alerts.own")
@require_POST
def alert_test(request: HttpRequest, pk: int) -> HttpResponse:
    actions.test_rule(_own_rule(request, pk), timezone.now())
    messages.success(request, _("A test is on its way to wherever this rule tells."))
    return redirect("alerts")


@needs("alerts.own")
@require_http_methods(["GET", "POST"])
def addresses(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            made = actions.add_address(user, asked["channel"], asked["name"], asked["address"], timezone.now())
        except AlertsError as error:
            form.add_error("address", str(error))
        else:
            return _added(request, made)
    rows = [(row, CHANNELS[row.channel].label) for row in queries.addresses_of(user)]
    offered = [channel for channel in CHANNELS.values() if channel.typed and channel.available()]
    return render(request, "alerts/addresses.html", {"form": form, "rows": rows, "channels": offered})


def _added(request: HttpRequest, address: Address) -> HttpResponse:
    """Back to the list; the secret of a webhook is shown first, once."""
    secret = actions.webhook_secret(address)
    if secret:
        return render(request, "alerts/secret.html", {"address": address, "secret": secret})
    messages.success(request, _("Saved. Send a test to see that it works."))
    return redirect("alert_addresses")


@needs("alerts.own")
@require_POST
def address_test(request: HttpRequest, pk: int) -> HttpResponse:
    actions.test_address(_own_address(request, pk), timezone.now())
    messages.success(request, _("A test is on its way."))
    return redirect("alert_addresses")


@needs("alerts.own")
@require_POST
def address_remove(request: HttpRequest, pk: int) -> HttpResponse:
    address = _own_address(request, pk)
    named = [row.name for row in queries.rules_of(signed_in(request)) if _names(row, address.name)]
    actions.remove_address(address, timezone.now())
    messages.success(request, _("The address is removed."))
    if named:
        messages.warning(request, _("These rules named it: %(rules)s") % {"rules": ", ".join(named)})
    return redirect("alert_addresses")


def _names(row: AlertRule, address: str) -> bool:
    document = rulebook.read(row)
    return document is not None and address.lower() in {name.lower() for name in document.tell}


def _own_address(request: HttpRequest, pk: int) -> Address:
    return get_object_or_404(queries.addresses_of(signed_in(request)), pk=pk)


@needs("alerts.own")
@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    page = Paginator(queries.notifications_of(user), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "alerts/notifications.html", {"page": page, "unread": queries.unread_count(user.pk)})


@needs("alerts.own")
@require_POST
def notifications_read(request: HttpRequest) -> HttpResponse:
    actions.mark_read(signed_in(request), timezone.now())
    return redirect("notifications")


@needs("alerts.own")
@require_POST
def notification_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one of mine as read; a script that asks gets no page."""
    get_object_or_404(Notification, pk=pk, receiver=signed_in(request))
    actions.mark_read(signed_in(request), timezone.now(), pk)
    return HttpResponse(status=204) if request.headers.get("Accept") == "*/*" else redirect("notifications")


@needs("alerts.own")
@require_safe
def notification_stream(request: HttpRequest) -> HttpResponseBase:
    """The stream of my notifications, where the server can hold one; else 204, after which a browser asks no more."""
    if not isinstance(request, ASGIRequest):
        return HttpResponse(status=204)
    since = request.headers.get("Last-Event-ID") or request.GET.get("since", "")
    number = int(since) if since.isascii() and since.isdigit() and len(since) < 19 else None
    response = StreamingHttpResponse(stream(signed_in(request).pk, number), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    response.headers["Content-Encoding"] = "identity"  # gathering it to compress it would hold it back
    return response


@needs("deliveries.manage")
@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    which = request.GET.get("which", "parked")
    which = which if which in ("parked", "waiting", "delivered") else "parked"
    page = Paginator(queries.messages(which), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(message, CHANNELS[message.address.channel].label) for message in page]
    state = queries.deliveries(timezone.now())
    return render(request, "alerts/deliveries.html", {"which": which, "page": page, "rows": rows, "state": state})


@needs("deliveries.manage")
@require_POST
def delivery_retry(request: HttpRequest, pk: int) -> HttpResponse:
    actions.retry(get_object_or_404(Outbox, pk=pk), signed_in(request), timezone.now())
    messages.success(request, _("It is tried anew."))
    return redirect("deliveries")
