"""`entente worker`: the process that folds what arrives, deals, keeps the clocks and sends the alerts."""

from __future__ import annotations

import os
import signal
import sys
import threading

import typer

from entente.cli.supervisor import end_with_supervisor


def register(app: typer.Typer) -> None:
    app.command()(worker)


def worker() -> None:
    """Fold new events as they come, on a database that `entente migrate` has brought up to date; run any number."""
    end_with_supervisor()
    work(stop_when_told())


def stop_when_told() -> threading.Event:
    """A flag that SIGTERM and SIGINT raise."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def work(stop: threading.Event) -> None:
    """Be one worker until told to stop."""
    import logging

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="entente worker: %(message)s")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entente.settings")
    import django

    django.setup()
    from entente.alerts import delivery
    from entente.worker.live import LiveWorker

    postman = threading.Thread(target=delivery.run, args=[stop], name="delivery")
    postman.start()
    try:
        LiveWorker().run(stop)
    finally:
        stop.set()
        postman.join()
