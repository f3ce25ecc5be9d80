"""The command that lists who facilitates, and lets go who is gone where nobody on the web could agree to it."""

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import exc

from wallet.cli.database import reason, see_that_it_fits
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import members
from wallet.store import office_view
from wallet.store.engine import reading


@click.command("facilitators")
@click.option("--end", "handle", help="The handle of a facilitator who is gone: their role ends; the last one's never.")
@with_appcontext
def command(handle: str | None) -> None:
    """List who facilitates, after letting one go if so asked.

    Facilitators end a role by two at their desk. Of two the other cannot: then whoever runs the server does it here.
    Exit status: 0 listed, 1 failed; then nothing was changed.
    """
    kit: Kit = current_app.extensions["kit"]
    try:
        see_that_it_fits(kit.engine)
        if handle is not None:
            members.end_facilitator(kit, handle)
            click.echo(f"{handle} facilitates no more.")
        with reading(kit.engine) as connection:
            found = office_view.facilitators(connection)
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.sentence} ({refusal.code})") from None
    except exc.SQLAlchemyError as error:
        raise click.ClickException(f"The facilitators could not be looked up: {reason(error)}") from None
    for one in found:
        click.echo(f"{one.id}: {one.name}")
