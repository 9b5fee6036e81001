"""The ways out of the system, one file each; to add one, write its file and name it here."""

from __future__ import annotations

from typing import Final

from entente.alerts.channels.apprise import AppriseChannel
from entente.alerts.channels.base import Channel, Failed, Letter, Line, Refused
from entente.alerts.channels.email import EmailChannel
from entente.alerts.channels.slack import SlackChannel
from entente.alerts.channels.teams import TeamsChannel
from entente.alerts.channels.webhook import WebhookChannel

__all__ = ["CHANNELS", "Channel", "Failed", "Letter", "Line", "Refused"]

CHANNELS: Final[dict[str, Channel]] = {
    channel.name: channel
    for channel in (EmailChannel(), SlackChannel(), TeamsChannel(), WebhookChannel(), AppriseChannel())
}
