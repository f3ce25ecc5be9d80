"""The commands that look after the database's schema."""

import logging
import re
import sys
from zoneinfo import ZoneInfoNotFoundError

import click
import sqlalchemy as sa
from alembic.util import CommandError
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import exc

from wallet.cli.ends import COULD_NOT
from wallet.errors import Refusal
from wallet.store import migrate

log = logging.getLogger(__name__)
# What a database, a file or a time zone may do, and say in words of its own.
EXPECTED = (exc.SQLAlchemyError, CommandError, OSError, ImportError, ZoneInfoNotFoundError)


@click.group("db")
def command() -> None:
    """Look after the database's schema."""


@command.command("upgrade")
@with_appcontext
def upgrade() -> None:
    """Bring the database to the newest schema."""
    engine = current_app.extensions["kit"].engine
    try:
        is_new = migrate.upgrade(engine)
    except (exc.SQLAlchemyError, CommandError) as error:
        raise click.ClickException(f"The database was not upgraded: {reason(error)}") from None
    if is_new:
        # Who upgrades a federation sees by this that they have named another place.
        click.echo(f"A new database was begun, which holds nothing yet: {engine.url.database}")


@command.command("check")
@with_appcontext
def check() -> None:
    """Tell whether the database has the newest schema.

    Exit status: 0 it has, 1 it is behind or a newer version's, 2 could not check.
    """
    try:
        see_that_it_fits(current_app.extensions["kit"].engine)
    except exc.SQLAlchemyError as error:
        click.echo(f"Could not check the database: {reason(error)}", err=True)
        sys.exit(COULD_NOT)
    click.echo("The database has the newest schema.")


def see_that_it_fits(engine: sa.Engine) -> None:
    """See that this program fits the schema of the database, before a command works on it.

    Raises: SQLAlchemyError, from a database that does not answer; ClickException, in one sentence.
    """
    if fault := migrate.fault(engine):
        raise click.ClickException(fault)


def reason(error: Exception) -> str:
    """Give the driver's own words in one line, without the statement, its row and the address of a manual."""
    if isinstance(error, Refusal):
        return error.sentence
    if isinstance(error, ZoneInfoNotFoundError):
        return f"The federation's time zone is not known here. {error.args[0]}."
    said, *_of_a_row = re.split("DETAIL:|CONTEXT:", str(getattr(error, "orig", None) or error))
    return " ".join(said.split())


def reason_of_any(error: Exception) -> str:
    """Give the reason of an error, and of one that nobody expected its kind alone; the rest of that goes to the log."""
    if isinstance(error, EXPECTED):
        return reason(error)
    log.error("An error that nobody expected.", exc_info=error)
    return f"An error came that nobody expected ({type(error).__name__}); the log says where."
