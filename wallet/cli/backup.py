"""The command that writes the whole database to one file."""

import sys
import time
from pathlib import Path

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from wallet.cli.database import reason
from wallet.cli.ends import FAILED
from wallet.kit import Kit
from wallet.store import copies
from wallet.store.copies import CannotCopy


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def command(file: Path) -> None:
    """Write the whole database, as it is at one instant, to FILE; the wallet may go on meanwhile.

    The file holds everything: keep it as you keep the database. Exit status: 0 written, 1 not written.
    """
    kit: Kit = current_app.extensions["kit"]
    begun = time.monotonic()
    try:
        copies.save(kit.engine, file)
    except (CannotCopy, sa.exc.SQLAlchemyError, OSError) as error:
        click.echo(f"No backup was made. {reason(error)}", err=True)
        sys.exit(FAILED)
    click.echo(f"{file}: {file.stat().st_size} bytes, in {time.monotonic() - begun:.1f} s.")
