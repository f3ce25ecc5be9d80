"""The command that pays what is due: for a timer, once a day or more often."""

import sys

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import exc

from wallet.cli.database import reason, see_that_it_fits
from wallet.cli.ends import FAILED
from wallet.kit import Kit
from wallet.services import payruns

ENDS = {
    payruns.POSTED: "paid",
    payruns.AGAIN: "was paid before",
    payruns.MONTH: "not paid: a new month has begun, so it is a draft again",
    payruns.OVERPAID: "not paid: what it keeps back of an overpayment has changed, so it is a draft again",
    "insufficient_funds": "not paid: the co-op's credit line is short; it waits",
    "payments_stopped": "not paid: payments are stopped while the books are checked; it waits",
    "account_not_open": "not paid: the co-op takes no payments at present; it waits",
}
DONE = frozenset({payruns.POSTED, payruns.AGAIN})


@click.command("payday")
@with_appcontext
def command() -> None:
    """Post the pay runs that two people have approved and whose pay date has come, each whole and once.

    Exit status: 0 all are paid, or none was due; 1 one or more could not be paid.
    """
    kit: Kit = current_app.extensions["kit"]
    try:
        see_that_it_fits(kit.engine)
        ended = payruns.post_due(kit)
    except exc.SQLAlchemyError as error:
        raise click.ClickException(f"Not every pay run was looked at, so run it again: {reason(error)}") from None
    for coop, run, end in ended:
        click.echo(f"{coop}, run {run}: {ENDS.get(end, f'not paid: {end}; it waits')}.")
    if not ended:
        click.echo("No pay run is due.")
    if any(end not in DONE for _coop, _run, end in ended):
        sys.exit(FAILED)
