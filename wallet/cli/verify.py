"""The command that checks the books."""

import json
import sys
import time
from dataclasses import asdict

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from wallet.cli.database import reason, reason_of_any
from wallet.cli.ends import COULD_NOT, FAILED
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import dispute_returns
from wallet.store import disputes, halts, migrate, verify
from wallet.store.disputes import Dispute
from wallet.store.engine import reading, snapshot, write
from wallet.store.verify import Checked

# What may not happen to money at all: a breach of these stops payments.
STOPPING = frozenset({"I1", "I2", "I3", "I4", "I5"})
# The last number that a row may have.
MOST = 2**63 - 1


@click.command("verify")
@click.option(
    "--since",
    type=click.IntRange(0, MOST),
    metavar="ID",
    help="Look only at what transfers after this id have touched.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@with_appcontext
def command(since: int | None, as_json: bool) -> None:
    """Recompute the books from the journal, in one snapshot, with queries that share nothing with the ledger.

    Money that is not as it must be (I1 to I5) stops all payments, until a whole check finds the books sound; what
    members disputed meanwhile then comes back to them.

    Exit status: 0 sound, 1 broken, 2 could not check.
    """
    kit: Kit = current_app.extensions["kit"]
    begun = time.monotonic()
    try:
        if fault := migrate.fault(kit.engine):
            could_not(fault, as_json)
        checked, last_stop = examined(kit, since)
    except Exception as error:  # noqa: BLE001 - whatever it is, nothing was checked, and a script reads the status
        could_not(reason_of_any(error), as_json)
    seconds = time.monotonic() - begun
    try:
        said = settled(kit, checked, last_stop, whole=since is None)
    except (sa.exc.SQLAlchemyError, Refusal) as error:
        said = f"Whether payments go on could not be written: {reason(error)}"
    # Payments are stopped by now, whether or not anybody can be told why.
    cut_off = "" if checked.cut_off_by is None else reason_of_any(checked.cut_off_by)
    tell(checked, seconds, cut_off, as_json)
    if said:
        click.echo(said, err=True)
    sys.exit(FAILED if checked.breaches else 0)


def examined(kit: Kit, since: int | None) -> tuple[Checked, int]:
    """Check the books in one snapshot; give what was found, and the number of the newest stop that stands in it."""
    with snapshot(kit.engine) as connection:
        return verify.examine(connection, kit.charter, since), halts.last(connection)


def settled(kit: Kit, checked: Checked, last_stop: int, *, whole: bool) -> str:
    """Stop payments, or let them go on and what waited for that, by what was found; give what is to be said of it.

    Only stops up to the `last_stop` that the check has seen are lifted.
    Raises: Refusal busy.
    """
    found = next((str(breach) for breach in checked.breaches if breach.invariant in STOPPING), None)
    if found is not None:
        write(kit.engine, lambda connection: halts.stop(connection, found, kit.clock()))
        return "Payments are stopped until a whole check finds the books sound."
    if checked.breaches or not whole:
        return ""
    lifted = write(kit.engine, lambda connection: halts.lift(connection, last_stop, kit.clock()))
    with reading(kit.engine) as connection:
        if halts.since(connection) is not None:
            return "Payments stay stopped: since this check began another one has stopped them. Check once more."
        waiting = disputes.uncarried(connection, kit.clock())
    return " ".join((["Payments go on."] if lifted else []) + late(kit, waiting))


def late(kit: Kit, waiting: list[Dispute]) -> list[str]:
    """Carry each dispute that waited for payments to go on; give what is to be said of it."""
    carried, left = 0, list[str]()
    for dispute in waiting:
        try:
            carried += dispute_returns.carry_late(kit, dispute)
        except (sa.exc.SQLAlchemyError, Refusal) as error:
            left.append(reason(error))
    said = [f"Disputes of meanwhile that are carried now: {carried}."] if carried else []
    return said + ([f"Disputes of meanwhile that still wait: {len(left)}. Check once more. {left[0]}"] if left else [])


def could_not(why: str, as_json: bool) -> None:
    """Say that nothing was checked, and leave: never to be taken for a sound answer."""
    if as_json:
        click.echo(json.dumps({"sound": None, "why": why}, indent=2, ensure_ascii=False))
    else:
        click.echo(f"Could not check the books: {why}", err=True)
    sys.exit(COULD_NOT)


def tell(checked: Checked, seconds: float, cut_off: str, as_json: bool) -> None:
    """Tell what was found, the first wrong row first, and why there may be more, where a check was `cut_off`."""
    if as_json:
        answer = {
            "sound": not checked.breaches,
            "transfers": checked.transfers,
            "accounts": checked.accounts,
            "breaches": [asdict(breach) for breach in checked.breaches],
        } | ({"why_not_all": cut_off} if cut_off else {})
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    looked_at = f"{checked.transfers} transfers and {checked.accounts} accounts, in {seconds:.1f} s"
    if not checked.breaches:
        click.echo(f"The books are sound: {looked_at}.")
        return
    click.echo(f"The books are broken: {len(checked.breaches)} breaches among {looked_at}.")
    for breach in checked.breaches[:20]:
        click.echo(f"  {breach}")
    if cut_off:
        click.echo(f"Not everything could be checked: {cut_off}")
