"""The command that fills an empty database with the demo federation."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from alembic.util import CommandError
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from wallet.cli.database import reason
from wallet.cli.ends import COULD_NOT, FAILED, HALF_FILLED
from wallet.config import Settings
from wallet.domain.shift import Register
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.services import (
    ballots,
    codes,
    dispute_returns,
    disputes,
    dividends,
    elections,
    gifts,
    histories,
    members,
    network,
    paybounds,
    payments,
    payruns,
    places,
    proposals,
    refunds,
    scans,
    shifts,
    supplies,
)
from wallet.services import demo as demo_service
from wallet.services.demo import CannotFill
from wallet.services.demo.book import DemoBook
from wallet.services.shifts import Closing
from wallet.store import migrate
from wallet.store.engine import make_engine


def close(kit: Kit, till: str, cashier: str, shift: int, register: Register) -> None:
    """Close a shift whose register agrees."""
    shifts.close_shift(kit, till, cashier, shift, Closing(register), key=f"shift {shift}")


BOOK = DemoBook(
    found=network.found_federation,
    admit_coop=network.admit_coop,
    describe=places.describe,
    open_till=network.open_till,
    join=members.join,
    leave=members.leave,
    accept_customer=members.accept_customer,
    grant=members.grant,
    agree=elections.agree,
    take_less=elections.choose,
    answer_floor=paybounds.answer_floor,
    draft=payruns.draft,
    fill=payruns.fill,
    submit=payruns.submit,
    approve=payruns.approve,
    post=payruns.post,
    draft_dividend=dividends.draft,
    approve_dividend=dividends.approve,
    post_dividend=dividends.post,
    enrol=codes.enrol,
    pay=histories.pay,
    open_bill=payments.open_bill,
    pay_bill=payments.pay_bill,
    cancel_bill=payments.cancel_bill,
    scan=scans.scan_code,
    ask=refunds.Ask,
    refund=refunds.give_back,
    close=close,
    give=gifts.send,
    supply=histories.supply,
    fund=histories.fund,
    declare=histories.declare,
    buy=supplies.pay,
    second=proposals.agree,
    dispute=disputes.begin,
    answer=disputes.say,
    settle=dispute_returns.give_back,
    propose=ballots.propose,
    open_ballot=ballots.agree,
    vote=ballots.cast,
    count=ballots.close_due,
)


@click.command("demo")
@click.option("--if-empty", is_flag=True, help="Leave a database alone that has a federation.")
@with_appcontext
def command(if_empty: bool) -> None:
    """Fill an empty database with the demo federation: fourteen co-ops, sixty people, a year of payments.

    Exit status: 0 filled or left alone, 1 when there is a federation that is not to be touched or WALLET_ORIGIN is not
    of this machine, 2 when it was stopped.
    """
    kit: Kit = current_app.extensions["kit"]
    begun = time.monotonic()
    try:
        if not kit.settings.is_of_this_machine:
            # Nobody is a real person in it, and nothing takes it out of the books again.
            raise CannotFill(_("WALLET_ORIGIN is not of this machine, and a demo is. Nothing was filled."))
        filled = fill(kit)
        if not filled and not if_empty:
            raise CannotFill(_("There is a federation in this database already."))
    except KeyboardInterrupt:
        click.echo(HALF_FILLED, err=True)
        sys.exit(COULD_NOT)
    except CannotFill as error:
        click.echo(str(error), err=True)
        sys.exit(FAILED)
    except (SQLAlchemyError, CommandError) as error:
        raise click.ClickException(f"The demo was not filled: {reason(error)}") from None
    if filled:
        click.echo(f"Filled with the demo federation in {time.monotonic() - begun:.1f} s.")


def prepare(settings: Settings) -> None:
    """Fill the database of a demo before it is served; nothing else is ever touched.

    Raises: RuntimeError, in one sentence, if the database cannot be used or is of real people, or an earlier filling
            was cut off.
    """
    with _in_a_sentence():
        engine = make_engine(settings.database_url)
        try:
            if settings.demo:
                fill(Kit(engine=engine, settings=settings))
        finally:
            engine.dispose()


def see_that_nobody_is_real(kit: Kit) -> None:
    """Let an application serve a demo whose people are made up, whatever server it is that takes it up.

    Raises: RuntimeError, in one sentence, if the database is of real people or cannot be asked.
    """
    with _in_a_sentence():
        demo_service.see_that_nobody_is_real(kit)


@contextmanager
def _in_a_sentence() -> Iterator[None]:
    """Say what is wrong with a database; a server shows what else is raised as code, and not what to mend."""
    try:
        yield
    except (CannotFill, SQLAlchemyError, CommandError, ValueError) as error:
        raise RuntimeError(f"DATABASE_URL: {reason(error)}") from None


def fill(kit: Kit) -> bool:
    """Bring the database to the newest schema and, if it is empty, fill it; tell whether it was.

    Raises: CannotFill, if an earlier filling was cut off, or if a demo is to be of a federation of real people.
    """
    migrate.upgrade(kit.engine)
    if kit.settings.demo:
        demo_service.see_that_nobody_is_real(kit)
    if not demo_service.is_empty(kit):
        return False
    demo_service.fill(kit, BOOK)
    return True
