"""The command that founds a federation."""

import click
from flask import current_app
from flask.cli import with_appcontext

from wallet.errors import Refusal
from wallet.services import network
from wallet.store import migrate


@click.command("init")
@click.option("--name", required=True, help="What the federation is called.")
@click.option("--zone", default="UTC", show_default=True, help="Its time zone, such as Europe/Lisbon.")
@with_appcontext
def command(name: str, zone: str) -> None:
    """Found the federation of this deployment; there is one, and this makes it once."""
    kit = current_app.extensions["kit"]
    if not migrate.is_current(kit.engine):
        raise click.ClickException("The database is behind. Run: flask --app app db upgrade")
    try:
        new = network.found_federation(kit, name, zone)
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.sentence} ({refusal.code})") from refusal
    if not new:
        raise click.ClickException("There is a federation already; nothing was changed.")
    click.echo(f"{name} is founded. Its days begin at midnight in {zone}.")
