"""The commands that look after the database's schema."""

import click
from flask import current_app

from wallet.store import migrate


@click.group("db")
def command() -> None:
    """Look after the database's schema."""


@command.command("upgrade")
def upgrade() -> None:
    """Bring the database to the newest schema."""
    migrate.upgrade(current_app.extensions["kit"].engine)


@command.command("check")
def check() -> None:
    """Tell whether the database has the newest schema; exit status 1 if not."""
    if not migrate.is_current(current_app.extensions["kit"].engine):
        raise click.ClickException("The database is behind. Run: flask --app app db upgrade")
    click.echo("The database has the newest schema.")
