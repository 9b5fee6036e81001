"""Notifications in the browser at once: one listening connection for each web process, one stream for each open page.

Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): a browser that lost the line comes
back by itself and says what it heard last. A stream ends after some minutes, so that whoever may not look any more is
asked for their session again.
"""

from __future__ import annotations

import asyncio
import json
import signal
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection

from entente.alerts import rulebook
from entente.alerts.models import Notification
from entente.alerts.queries import unread_count
from entente.alerts.telling import NOTIFICATIONS
from entente.alerts.timing import when_to_send
from entente.events.listening import Ear

LIFETIME: Final = 300.0
"""Seconds after which a stream ends and the browser comes back."""
HEARTBEAT: Final = 15.0
"""Seconds of silence after which a line is sent that says nothing, so that no proxy thinks the stream is dead."""
MISSED: Final = 20
"""So many notifications are said again to who comes back; the list has them all."""
ROOM: Final = 100
"""Messages that wait for a browser that does not take them; it is cut off and comes back."""


@dataclass(eq=False, slots=True)
class Listener:
    """One open stream of one member."""

    receiver: int
    loop: asyncio.AbstractEventLoop
    queue: asyncio.Queue[str | None]

    def hand(self, message: str | None) -> None:
        """Give it a message, from any thread; None ends the stream."""
        self.loop.call_soon_threadsafe(self._put, message)

    def _put(self, message: str | None) -> None:
        if self.queue.full():
            self.queue.get_nowait()
            message = None
        self.queue.put_nowait(message)


class Hub:
    """Hears what the database calls out, and hands it to the open streams of this process."""

    def __init__(self) -> None:
        self.listeners: dict[int, set[Listener]] = defaultdict(set)
        self.lock = threading.Lock()
        self.thread: threading.Thread | None = None

    def join(self, listener: Listener) -> None:
        with self.lock:
            self.listeners[listener.receiver].add(listener)
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._hear, name="alerts-hub", daemon=True)
                self.thread.start()

    def leave(self, listener: Listener) -> None:
        with self.lock:
            self.listeners[listener.receiver].discard(listener)
            if not self.listeners[listener.receiver]:
                del self.listeners[listener.receiver]

    def _hear(self) -> None:
        never = threading.Event()
        with Ear(NOTIFICATIONS, never) as ear:
            while True:
                for said in ear.wait(60):
                    try:
                        self._pass_on(said)
                    except DatabaseError:
                        self.end_all()
                    finally:
                        connection.close()

    def _pass_on(self, said: str) -> None:
        if not said:
            self.end_all()
            return
        aloud = {id_: word == "1" for receiver, id_, word in _words(said) if receiver in self.listeners}
        told = Notification.objects.filter(pk__in=aloud)
        for one in told:
            self._hand(one.receiver_id, message(one, unread_count(one.receiver_id), aloud=aloud[one.pk]))
        for receiver in {receiver for receiver, id_, _ in _words(said) if not id_ and receiver in self.listeners}:
            self._hand(receiver, state(unread_count(receiver)))

    def _hand(self, receiver: int, said: str | None) -> None:
        with self.lock:
            listeners = list(self.listeners.get(receiver, ()))
        for listener in listeners:
            listener.hand(said)

    def end_all(self) -> None:
        """End every stream; browsers come back, and are told what they missed."""
        for receiver in list(self.listeners):
            self._hand(receiver, None)


HUB: Final = Hub()
_attended: Final[set[int]] = set()


def _end_when_stopped(loop: asyncio.AbstractEventLoop) -> None:
    """Have the streams of this process end when it is told to stop: the server waits for what is under way.

    The server has put its own handler of the signals into the loop, which is called after ours. Python gives no way
    to ask for that handler but the loop's own table; where there is none, the server cuts streams off in its time.
    """
    if id(loop) in _attended or threading.current_thread() is not threading.main_thread():
        return
    _attended.add(id(loop))
    for number in (signal.SIGTERM, signal.SIGINT):
        handler = getattr(loop, "_signal_handlers", {}).get(number)
        if handler is not None:
            loop.add_signal_handler(number, _stop, handler)


def _stop(server: Any) -> None:
    HUB.end_all()
    server._run()


def _words(said: str) -> Iterable[tuple[int, int, str]]:
    for word in said.split(","):
        receiver, id_, aloud = word.split(":")
        yield int(receiver), int(id_), aloud


def message(one: Notification, unread: int, *, aloud: bool) -> str:
    """A notification as an event of the stream; ``aloud`` asks the page to show it, not only to count it."""
    data = {"id": one.pk, "text": one.text, "path": one.path, "aloud": aloud, "unread": unread}
    return f"id: {one.pk}\nevent: told\ndata: {json.dumps(data)}\n\n"


def state(unread: int) -> str:
    """How many are unread, and nothing else."""
    return f"event: state\ndata: {json.dumps({'unread': unread})}\n\n"


async def stream(receiver: int, since: int | None) -> AsyncIterator[str]:
    """What one open page of the member is told: what came after the notification ``since``, and whatever comes."""
    loop = asyncio.get_running_loop()
    listener = Listener(receiver, loop, asyncio.Queue(ROOM))
    HUB.join(listener)
    _end_when_stopped(loop)
    try:
        yield "retry: 3000\n\n" + await sync_to_async(_missed)(receiver, since)
        ends = loop.time() + LIFETIME
        while (left := ends - loop.time()) > 0:
            try:
                said = await asyncio.wait_for(listener.queue.get(), min(HEARTBEAT, left))
            except TimeoutError:
                said = ": still here\n\n"
            if said is None:
                return
            yield said
    finally:
        HUB.leave(listener)


def _missed(receiver: int, since: int | None) -> str:
    """What came since; and the connection of this request goes back to the pool, for the stream lasts."""
    try:
        unread = unread_count(receiver)
        later = Notification.objects.filter(receiver=receiver, in_browser=True, pk__gt=since or 0).order_by("-pk")
        missed = list(later.select_related("rule")[:MISSED]) if since is not None else []
        return state(unread) + "".join(message(one, unread, aloud=_was_aloud(one)) for one in reversed(missed))
    finally:
        connection.close()


def _was_aloud(one: Notification) -> bool:
    """Whether it was for at once: what a rule collects, or what fell into quiet hours, is only counted."""
    document = rulebook.read(one.rule) if one.rule else None
    return document is None or when_to_send(document.timing, one.at) is None
