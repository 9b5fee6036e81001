"""The command `entente`. Each file beside this one is a command or a family of commands.

Commands that need no database (`audit`, `agreement validate`) must not load Django: import it inside the command,
through `entente.cli.setup`.
"""

from __future__ import annotations

import typer

from entente.cli import agreement, audit, demo, importing, keys, replay, routing, serve, status, users, worker

HELP = "One agreement between marketing and sales, run live, and one truth to read from it."

app = typer.Typer(
    no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False, help=__doc__.splitlines()[0]
)
app.add_typer(agreement.app, name="agreement")
app.add_typer(users.app, name="user")
app.add_typer(keys.app, name="key")
app.add_typer(routing.app, name="routing")
audit.register(app)
importing.register(app)
replay.register(app)
serve.register(app)
worker.register(app)
status.register(app)
demo.register(app)


def run() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    run()
