"""The command that founds a federation."""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar, cast

import click
from babel.numbers import list_currencies
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from wallet.cli.database import reason, see_that_it_fits
from wallet.domain.handle import handle_from
from wallet.domain.money import parse_typed
from wallet.domain.names import read_name, slug_from
from wallet.domain.period import day_of, parse_day, parse_month, zone_to_keep
from wallet.errors import Refusal, refuse
from wallet.kit import Kit
from wallet.services import invitations, network
from wallet.services.invitations import Offer

T = TypeVar("T")

THERE_ALREADY = "There is a federation already; nothing was changed. If nobody has joined it yet: init --new-link"


@dataclass(frozen=True, slots=True)
class Answers:
    """Hold what a federation begins with; no first co-op is an empty name."""

    name: str
    zone: str
    cash: str
    charter_on: str
    coop: str
    line_minor: int
    facilitator: str


@click.command("init")
@click.option("--name", help="What the federation is called.")
@click.option("--zone", help="Its time zone, such as Europe/Lisbon; fixed once money has moved.")
@click.option("--cash", help="The cash beside RES, by its three letters, such as EUR.")
@click.option("--charter", "charter_on", help="The day its charter was agreed on, today or before, such as 2026-03-01.")
@click.option("--coop", help="The name of the first co-op; none admits it later.")
@click.option("--credit-line", "line", help="How far the first co-op may go below zero, such as 5000.00.")
@click.option("--facilitator", help="Who facilitates first.")
@click.option(
    "--new-link",
    is_flag=True,
    help="Only print a new link, as long as nobody has joined. --name and --cash change with it; --facilitator is who "
    "is invited, where nobody is yet.",
)
@with_appcontext
def command(new_link: bool, **given: str | None) -> None:
    """Found the federation of this deployment, once, and print one invitation link for its first facilitator.

    Asks for what no option gives; where nobody can answer, what has a usual value takes it.
    """
    kit: Kit = current_app.extensions["kit"]
    try:
        see_that_it_fits(kit.engine)
    except SQLAlchemyError as error:
        raise click.ClickException(f"The database cannot be used: {reason(error)}") from None
    if new_link:
        click.echo(link_of(kit, once_more(kit, given)))
        return
    if network.is_founded(kit):
        raise click.ClickException(THERE_ALREADY)
    try:
        answers = asked(kit, given)
        token = founded(kit, answers)
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.sentence} ({refusal.code})") from refusal
    except SQLAlchemyError as error:
        raise click.ClickException(f"The federation was not founded: {reason(error)}") from None
    click.echo(f"{answers.name} is founded. Its days begin at midnight in {answers.zone}.")
    click.echo(f"For {answers.facilitator}, who facilitates first, once and within seven days:")
    click.echo(link_of(kit, token))


def link_of(kit: Kit, token: str) -> str:
    """Give the address that an invitation is opened at."""
    return f"{kit.settings.origin}/join/{token}"


def once_more(kit: Kit, given: dict[str, str | None]) -> str:
    """Invite the first facilitator again, whose link was lost or ran out or never made; the former link is dead.

    Raises: ClickException, for an answer that is not asked again, another facilitator than was invited, without a
            federation, once somebody has joined, or from a database that keeps none.
    """
    for option in command.params:
        if given.get(option.name or "") is not None and option.name not in ("name", "cash", "facilitator"):
            raise click.UsageError(f"{option.opts[0]} does not go with --new-link.")
    called = None if given["name"] is None else read_given("name", given["name"], read_name)
    cash = None if given["cash"] is None else read_given("cash", given["cash"], read_cash)
    name = None if given["facilitator"] is None else read_given("facilitator", given["facilitator"], read_name)
    try:
        token = invitations.invite_first_again(kit, name, federation_name=called, cash=cash)
    except (Refusal, SQLAlchemyError) as error:
        raise click.ClickException(f"No link was made: {reason(error)}") from None
    if token is None:
        raise click.ClickException("No link was made: there is no federation yet, or somebody has joined already.")
    return token


def asked(kit: Kit, given: dict[str, str | None]) -> Answers:
    """Take what the options give and ask for the rest.

    Raises: ClickException, naming the answer that cannot be taken.
    """
    answer = Asking(given)
    name = answer("name", "Name of the federation", read=read_name)
    zone = answer("zone", "Time zone", "UTC", read=zone_to_keep)
    cash = answer("cash", "Cash beside RES", "USD", read=read_cash)
    today = day_of(kit.clock(), zone)
    charter_on = answer(
        "charter_on", "Day of the charter, today or before", today, read=lambda typed: read_charter_day(typed, today)
    )
    coop = answer(
        "coop", "Name of the first co-op (empty: none yet)", "", read=lambda typed: typed and read_name(typed)
    )
    if not coop and given["line"] is not None:
        raise click.UsageError("--credit-line is of the first co-op: name it with --coop.")
    line_minor = answer("line", "Its credit line in RES", "0.00", read=parse_typed) if coop else 0
    facilitator = answer("facilitator", "Name of the first facilitator", invitations.USUAL, read=read_name)
    return Answers(name, zone, cash, charter_on.isoformat(), coop, line_minor, facilitator)


def read_charter_day(typed: str, today: str) -> date:
    """Read the day of a charter, of the years that a month of the wallet may have: months are counted from it.

    Of a day to come no dividend could be worked out until then, and nothing puts it right once it is kept.

    Raises: Refusal bad_form.
    """
    parse_month(typed[: len("YYYY-MM")])
    day = parse_day(typed)
    if day.isoformat() > today:
        raise refuse("bad_form")
    return day


def read_cash(typed: str) -> str:
    """Read a currency by its three letters.

    Raises: Refusal bad_form.
    """
    cash = typed.upper()
    if re.fullmatch(r"[A-Z]{3}", cash) is None or cash not in list_currencies():
        raise refuse("bad_form")
    return cash


class Asking:
    """Ask for what the options did not give, if somebody is there to answer."""

    def __init__(self, given: dict[str, str | None]) -> None:
        self.given = given

    def __call__(self, what: str, question: str, usual: str | None = None, *, read: Callable[[str], T]) -> T:
        """Give one answer as `read` takes it; without anybody there, the usual one.

        Raises: ClickException, naming the option that holds what `read` refuses; a person is asked once more instead.
        """
        found = self.given[what]
        if found is None and is_somebody_there():
            return click.prompt(question, default=usual, show_default=bool(usual), value_proc=_asked(read))
        if found is None and usual is None:
            raise click.UsageError(f"Give --{what}: {question.lower()}.")
        return read_given(what, found if found is not None else usual or "", read)


def read_given(what: str, typed: str, read: Callable[[str], T]) -> T:
    """Read what an option holds.

    Raises: ClickException, naming the option that holds what `read` refuses.
    """
    try:
        return read(typed)
    except Refusal as refusal:
        (option,) = (each for each in command.params if each.name == what)
        hint = cast(click.Option, option).help
        raise click.ClickException(f"{option.opts[0]} {typed!r} does not do. {hint} ({refusal.code})") from refusal


def _asked(read: Callable[[str], T]) -> Callable[[str], T]:
    """Let a prompt read what was typed, and say why it asks once more."""

    def taken(typed: str) -> T:
        try:
            return read(typed)
        except Refusal as refusal:
            raise click.UsageError(f"{typed!r} does not do.") from refusal

    return taken


def is_somebody_there() -> bool:
    """Tell whether questions reach a person."""
    return sys.stdin.isatty()


def founded(kit: Kit, answers: Answers) -> str:
    """Found the federation with its first co-op; give the token of the first facilitator's invitation.

    Raises: Refusal not_allowed, if somebody else has just founded it.
    """
    first = slug_from(answers.coop) if answers.coop else None
    if not network.found_federation(kit, answers.name, answers.zone, answers.charter_on, cash=answers.cash):
        raise click.ClickException(THERE_ALREADY)
    if first is not None:
        network.admit_coop(kit, first, answers.line_minor, name=answers.coop)
    # Who begins alone also opens the first office, to invite everybody else from there.
    offer = Offer(
        "facilitator", coop=first, handle=handle_from(answers.facilitator), name=answers.facilitator,
        roles=("steward",) if first else (),
    )  # fmt: skip
    return invitations.invite(kit, offer)
