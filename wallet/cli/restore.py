"""The command that brings a backup back."""

import sys
import time
from pathlib import Path

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from wallet.cli.database import reason, reason_of_any
from wallet.cli.ends import FAILED
from wallet.cli.verify import examined, settled
from wallet.kit import Kit
from wallet.services import sessions
from wallet.store import copies, migrate
from wallet.store.copies import CannotCopy


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Give up the federation that is in the database now.")
@with_appcontext
def command(file: Path, replace: bool) -> None:
    """Put the backup FILE in the place of the database, once its books have been found in order. Stop the wallet first.

    Everybody has to sign in again, and to set up the phone for codes; invitations and ways back are made anew: what was
    signed out, lost or taken back after the backup must not come back to life.
    Exit status: 0 restored, 1 the database is as before.
    """
    kit: Kit = current_app.extensions["kit"]
    begun, said = time.monotonic(), [""]
    try:
        if not replace and not copies.is_empty(kit.engine):
            raise CannotCopy("There is a federation in this database. To give it up: restore --replace")
        copies.load(kit.engine, file, lambda engine: said.append(make_ready(kit, engine)))
    except Exception as error:  # noqa: BLE001 - nobody knows what stands in the file
        why = reason(error) if isinstance(error, CannotCopy) else reason_of_any(error)
        click.echo(f"Nothing was restored; the database is as before. {why}", err=True)
        sys.exit(FAILED)
    click.echo(f"Restored, and the books are sound, in {time.monotonic() - begun:.1f} s.")
    click.echo("Everybody signs in again, and sets up the phone for codes again.")
    click.echo(f"Invitations and ways back are made anew. {said[-1]}".rstrip())


def make_ready(kit: Kit, engine: sa.Engine) -> str:
    """Bring what was loaded to the newest schema, check its books, end its sessions and links, take its phones' keys.

    Payments that were stopped in it go on; gives what is to be said of that.
    Raises: CannotCopy, if there is no wallet in it or its books are broken.
    """
    if not sa.inspect(engine).has_table("federation"):
        raise CannotCopy("This is a database, but not of a wallet.")
    if copies.is_empty(engine):
        raise CannotCopy("There is no federation in this backup.")
    migrate.upgrade(engine)
    arriving = Kit(engine, kit.clock, kit.settings, kit.charter)
    checked, last_stop = examined(arriving, None)
    if checked.breaches:
        raise CannotCopy(f"The books in this backup are broken: {checked.breaches[0]}")
    sessions.end_all(arriving)
    return settled(arriving, checked, last_stop, whole=True)
