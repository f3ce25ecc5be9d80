"""The command that posts a dividend which two people have approved."""

import sys

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import exc

from wallet.cli.database import reason, see_that_it_fits
from wallet.cli.ends import FAILED
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import dividends


@click.command("dividend")
@with_appcontext
def command() -> None:
    """Post the dividend that two facilitators have approved and that everybody could see for seven days.

    Running it again does nothing. Exit status: 0 posted or nothing to post, 1 refused; then no money moved.
    """
    kit: Kit = current_app.extensions["kit"]
    try:
        see_that_it_fits(kit.engine)
        paid = dividends.post(kit)
    except exc.SQLAlchemyError as error:
        raise click.ClickException(f"No dividend was looked at: {reason(error)}") from None
    except Refusal as refusal:
        click.echo(f"Not posted: {refusal.sentence}", err=True)
        sys.exit(FAILED)
    click.echo("There is nothing to post." if paid is None else f"Posted. Members paid: {paid.members}.")
