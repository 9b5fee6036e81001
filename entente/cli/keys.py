"""`entente key`: make, list and revoke the keys of programs, for sending events and for the API."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entente.cli.setup import fail, load_django

if TYPE_CHECKING:
    from entente.events.models import WriteKey
    from entente.members.keys import NewKey
    from entente.members.models import ApiKey, User

app = typer.Typer(help="Keys of programs: to send events, and to use the API.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


@app.command()
def create(  # noqa: PLR0917 - typer reads the options off the parameters
    name: Annotated[str, typer.Option(help="What the keys are for.")],
    source: Annotated[str, typer.Option(help="The source of the events sent with the write key.")] = "",
    origin: Annotated[
        list[str] | None, typer.Option(help="A website whose pages may use the write key, and then no others.")
    ] = None,
    scopes: Annotated[
        list[str] | None, typer.Option(help="What the API key may be used for; all scopes if not given.")
    ] = None,
    acts_as: Annotated[
        str, typer.Option("--as", help="E-mail of the member as whom the API key acts; operations if not given.")
    ] = "",
    expires: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day on which the API key ends (UTC).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a write key, with which events are sent, and an API key. Both are shown this once."""
    load_django()
    from django.db import transaction
    from django.utils import timezone

    from entente.events.keys import KeyProblem, create_key
    from entente.members.actions import MembersError
    from entente.members.keys import create_api_key

    now = timezone.now()
    try:
        with transaction.atomic():
            write_key, secret = create_key(name, source or name, None, now, origins=origin or ())
            member = _member(acts_as)
            made = create_api_key(name, _scopes(scopes), member, by=None, now=now, expires_at=_day(expires))
    except (MembersError, KeyProblem) as error:
        fail(str(error))
    _tell(write_key, secret, made, as_json)


def _scopes(given: list[str] | None) -> list[str]:
    """Repeated, or with commas between."""
    from entente.members.scopes import SCOPES

    return [part.strip() for text in given or [",".join(SCOPES)] for part in text.split(",") if part.strip()]


def _day(day: datetime | None) -> datetime | None:
    from datetime import UTC

    return day and day.replace(tzinfo=UTC)


def _member(email: str) -> User:
    from entente.members.models import User
    from entente.members.service import acting_member

    if not email:
        return acting_member()
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        fail(f"there is no member with the address '{email}'; `entente user list` shows them all")
    return user


def _tell(write_key: WriteKey, secret: str, made: NewKey, as_json: bool) -> None:
    key = made.key
    if as_json:
        told = {
            "name": key.name,
            "write_key": secret,
            "source": write_key.source.name,
            "origins": write_key.origins,
            "api_key": made.secret,
            "api_key_id": key.pk,
            "acts_as": key.acts_as.email,
            "scopes": key.scopes,
            "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        }
        print(json.dumps(told))
        return
    print(f"Keys for {key.name}, shown this once:")
    print(f"  write key  {secret}\n             sends events of the source '{write_key.source.name}'")
    print(f"  API key    {made.secret}\n             acts as {key.acts_as.email}: {', '.join(key.scopes)}")


@app.command("list")
def list_keys(as_json: Json = False) -> None:
    """List the keys, the working ones first. Their secrets cannot be shown again."""
    load_django()
    from entente.events.models import WriteKey
    from entente.members.keys import api_keys

    rows = [_api_row(key) for key in api_keys()]
    rows += [_write_row(key) for key in WriteKey.objects.select_related("source").order_by("-pk")]
    if as_json:
        print(json.dumps(rows))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("key", "kind", "name", "for", "last used", "state")
    for row in sorted(rows, key=lambda row: row["state"] != "works"):
        told = row["acts_as"] if row["kind"] == "api" else row["source"]
        table.add_row(row["key"], row["kind"], row["name"], told, row["last_used_at"] or "never", row["state"])
    Console().print(table)


def _api_row(key: ApiKey) -> dict[str, Any]:
    from django.utils import timezone

    from entente.members.keys import works

    state = "works" if works(key, timezone.now()) else "revoked" if key.revoked_at else "does not work"
    return {**_row(key, "api", state), "acts_as": key.acts_as.email, "scopes": key.scopes}


def _write_row(key: WriteKey) -> dict[str, Any]:
    row = _row(key, "write", "revoked" if key.revoked_at else "works")
    return {**row, "source": key.source.name, "origins": key.origins}


def _row(key: ApiKey | WriteKey, kind: str, state: str) -> dict[str, Any]:
    used = key.last_used_at.isoformat(timespec="seconds") if key.last_used_at else None
    return {
        "key": key.prefix,
        "kind": kind,
        "name": key.name,
        "created_at": key.created_at.isoformat(timespec="seconds"),
        "last_used_at": used,
        "state": state,
    }


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="The beginning of the key, as `entente key list` shows it.")],
    as_json: Json = False,
) -> None:
    """End a key for good, at once."""
    load_django()
    from django.utils import timezone

    from entente.events.keys import revoke_key
    from entente.events.models import WriteKey
    from entente.members.keys import revoke_api_key
    from entente.members.models import ApiKey

    found: list[ApiKey | WriteKey] = [*ApiKey.objects.filter(prefix=key), *WriteKey.objects.filter(prefix=key)]
    if len(found) != 1:
        fail(f"{len(found) or 'no'} keys begin with '{key}'; `entente key list` shows them")
    ended, now = found[0], timezone.now()
    if isinstance(ended, ApiKey):
        revoke_api_key(ended, by=None, now=now)
    else:
        revoke_key(ended, None, now)
    print(json.dumps({"key": key, "state": "revoked"}) if as_json else f"{ended.name} ({key}…) opens nothing any more.")
