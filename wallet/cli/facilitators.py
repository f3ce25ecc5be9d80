"""The command that lists who facilitates, and does what nobody on the web could agree to where one of them is gone."""

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import exc

from wallet.cli.database import reason, see_that_it_fits
from wallet.cli.init import link_of
from wallet.domain.handle import handle_from
from wallet.domain.names import read_name
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import invitations, members, network
from wallet.services.invitations import Offer
from wallet.store.engine import reading
from wallet.store.views import office


@click.command("facilitators")
@click.option("--end", "handle", help="The handle of a facilitator who is gone: their role ends; the last one's never.")
@click.option("--invite", "name", help="The name of somebody who is to facilitate: one link for them is printed.")
@with_appcontext
def command(handle: str | None, name: str | None) -> None:
    """List who facilitates, after letting one go or inviting one if so asked.

    Facilitators do both by two at their desk. Where one of two is gone the other cannot, and where the only one is gone
    nobody can: then whoever runs the server does it here. Exit status: 0 listed, 1 failed; then nothing was changed.
    """
    kit: Kit = current_app.extensions["kit"]
    if handle is not None and name is not None:
        raise click.UsageError("Invite somebody and let somebody go one at a time.")
    try:
        see_that_it_fits(kit.engine)
        if handle is not None:
            members.end_facilitator(kit, handle)
            click.echo(f"{handle} facilitates no more.")
        if name is not None:
            invite(kit, name)
        with reading(kit.engine) as connection:
            found = office.facilitators(connection)
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.sentence} ({refusal.code})") from None
    except exc.SQLAlchemyError as error:
        raise click.ClickException(f"The facilitators could not be looked up: {reason(error)}") from None
    for one in found:
        click.echo(f"{one.id}: {one.name}")


def invite(kit: Kit, typed: str) -> None:
    """Invite a facilitator, and print the link.

    Raises: ClickException, for a name that does not do or without a federation.
    """
    try:
        name = read_name(typed)
    except Refusal as refusal:
        raise click.ClickException(f"--invite {typed!r} does not do. {refusal.sentence} ({refusal.code})") from None
    if not network.is_founded(kit):
        raise click.ClickException("There is no federation yet; nobody was invited. Found it: init")
    token = invitations.invite(kit, Offer("facilitator", handle=handle_from(name), name=name))
    click.echo(f"For {name}, who then facilitates, once and within seven days:")
    click.echo(link_of(kit, token))
