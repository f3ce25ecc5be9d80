"""The command that closes ballots: for a timer, once a day or more often."""

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import exc

from wallet.cli.database import reason, see_that_it_fits
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import ballots

CAME = {"passed": "passed", "failed": "did not pass"}


@click.command("ballots")
@with_appcontext
def command() -> None:
    """Count and close the ballots whose time is over, and tell everybody on their rolls what came of them.

    Whoever looks at a ballot first after its end closes it, too; running it again does nothing.
    Exit status: 0 closed or nothing to close, 1 failed; then nothing was changed.
    """
    kit: Kit = current_app.extensions["kit"]
    try:
        see_that_it_fits(kit.engine)
        closed = ballots.close_due(kit)
    except (exc.SQLAlchemyError, Refusal) as error:
        raise click.ClickException(f"No ballot was closed: {reason(error)}") from None
    for number, came in closed.items():
        click.echo(f"Ballot {number} {CAME[came]}.")
    if not closed:
        click.echo("No ballot is over.")
