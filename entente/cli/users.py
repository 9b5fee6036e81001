"""`entente user`: add, list and disable members from the command line."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from entente.cli.setup import fail, load_django

if TYPE_CHECKING:
    from entente.members.models import User

app = typer.Typer(help="Members: who may sign in, for which party, in which role.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


@app.command()
def create(  # noqa: PLR0917 - typer reads the options off the parameters
    email: Annotated[str, typer.Option(help="The address they sign in with.")],
    name: Annotated[str, typer.Option(help="How colleagues call them.")] = "",
    party: Annotated[str, typer.Option(help="marketing, sales or none")] = "none",
    role: Annotated[str, typer.Option(help="ops, manager, member or viewer")] = "member",
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from a pipe.")] = False,
    language: Annotated[str, typer.Option(help="en or es")] = "en",
    timezone: Annotated[str, typer.Option(help="such as Europe/Madrid")] = "UTC",
    as_json: Json = False,
) -> None:
    """Add a member; without --password-stdin, print a link where they set their password."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    load_django()
    from django.db import transaction

    from entente.members import actions

    _check_preferences(language, timezone)
    who = "" if party == "none" else party
    try:
        with transaction.atomic():
            user = actions.create_user(
                email, name, who, role, by=None, password=password, language=language, timezone=timezone
            )
            link = None if password else actions.password_link(user, by=None)
    except actions.MembersError as error:
        fail(str(error))
    _tell(user, link, as_json)


def _check_preferences(language: str, timezone: str) -> None:
    import zoneinfo

    from django.conf import settings

    languages = [code for code, _ in settings.LANGUAGES]
    if language not in languages:
        fail(f"'{language}' is not a language of Entente; choose one of {', '.join(languages)}")
    if timezone not in zoneinfo.available_timezones():
        fail(f"'{timezone}' is not a time zone; write a name such as Europe/Madrid")


def _tell(user: User, link: str | None, as_json: bool) -> None:
    if as_json:
        print(json.dumps({**_as_data(user), "set_password_path": link}))
        return
    print(f"Added {user.name} <{user.email}>, {user.role} of {user.party or 'neither party'}.")
    if link:
        print(f"Their password is set, within three days, at this path of your Entente:\n  {link}")


def _as_data(user: User) -> dict[str, object]:
    return {
        "id": user.pk,
        "email": user.email,
        "name": user.name,
        "party": user.party or "none",
        "role": user.role,
        "active": user.is_active,
    }


@app.command("list")
def list_members(as_json: Json = False) -> None:
    """List all members."""
    load_django()
    from entente.members import queries

    rows = [_as_data(user) for user in queries.members()]
    if as_json:
        print(json.dumps(rows))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("e-mail", "name", "party", "role", "access")
    for row in rows:
        access = "yes" if row["active"] else "disabled"
        table.add_row(*(str(row[key]) for key in ("email", "name", "party", "role")), access)
    Console().print(table)


@app.command()
def disable(email: str, as_json: Json = False) -> None:
    """Take a member's access away at once; their sessions end."""
    load_django()
    from entente.members import actions
    from entente.members.models import User

    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        fail(f"there is no member with the address '{email}'; `entente user list` shows them all")
    try:
        user = actions.disable_user(user, by=None)
    except actions.MembersError as error:
        fail(str(error))
    print(json.dumps(_as_data(user)) if as_json else f"{user.name} <{user.email}> has no access any more.")
