"""What a member was told, through the API: their own notifications, and that they have seen them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Query, Schema
from pydantic import Field

from entente.alerts.actions import mark_read
from entente.alerts.models import Notification
from entente.api.door import caller_of
from entente.api.fields import Id, Paged
from entente.api.paging import Order, page_of
from entente.api.section import Need, Section

section = Section("alerts", Need("alerts.own", "alerts:read"))

NEWEST_FIRST: Final = Order(newest_first=True)


class NotificationsAsked(Paged):
    unread: bool = Field(False, description="Only those that were not read.")


class NotificationBody(Schema):
    """One thing that you were told."""

    id: int = Field(description="Its number.", examples=[12])
    at: datetime = Field(description="When it happened.", examples=["2026-03-02T10:30:00Z"])
    kind: str = Field(description="behaviour, assigned, qualified, warning, breach, …", examples=["assigned"])
    text: str = Field(description="In a line, in your language.", examples=["Ana was given to you"])
    person: int | None = Field(description="The person it is about.", examples=[7])
    rule: int | None = Field(description="The alert rule of yours that asked for it; null for none.", examples=[4])
    data: dict[str, Any] = Field(description="The same for programs.")
    read_at: datetime | None = Field(description="When you read it; null while you have not.")


class NotificationPage(Schema):
    """A page of notifications."""

    items: list[NotificationBody] = Field(description="The notifications of this page.")
    next: str | None = Field(None, description="The cursor of the page after this one; null at the end.")


@section.get("notifications", NotificationPage)
def list_notifications(request: HttpRequest, asked: Query[NotificationsAsked]) -> Any:
    """List what you were told, the newest first."""
    rows = Notification.objects.filter(receiver=caller_of(request).user)
    if asked.unread:
        rows = rows.filter(read_at=None)
    found, following = page_of(rows, NEWEST_FIRST, asked.cursor, asked.limit)
    return NotificationPage(items=[_body(row) for row in found], next=following)


@section.post("notifications/{notification_id}/read", NotificationBody, Need("alerts.own", "alerts:write"))
def read_notification(request: HttpRequest, notification_id: Id) -> Any:
    """Say that you have read it."""
    reader = caller_of(request).user
    mark_read(reader, timezone.now(), notification_id)
    found = Notification.objects.filter(receiver=reader, pk=notification_id).first()
    if found is None:
        raise Http404(f"You have no notification {notification_id}.")
    return _body(found)


def _body(row: Notification) -> NotificationBody:
    return NotificationBody(
        id=row.pk,
        at=row.at,
        kind=row.kind,
        text=row.text,
        person=row.person_id,
        rule=row.rule_id,
        data=row.data,
        read_at=row.read_at,
    )
