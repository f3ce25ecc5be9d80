"""The command that brings in a history."""

import io
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from alembic.util import CommandError

from wallet.cli.database import reason
from wallet.cli.ends import COULD_NOT, FAILED, HALF_FILLED
from wallet.config import Settings
from wallet.kit import Kit
from wallet.services import dividends, gifts, histories, members, network
from wallet.services.replay import CannotReplay, ReplayBook, replay
from wallet.store import filling, migrate
from wallet.store.engine import is_part_of, make_engine

BOOK = ReplayBook(
    found=network.found_for_history,
    admit_coop=network.admit_coop,
    coop_leaves=network.coop_leaves,
    join=members.join,
    leave=members.leave,
    accept_customer=members.accept_customer,
    pay=histories.pay,
    sell=histories.sell,
    refund=histories.refund,
    give=gifts.send,
    supply=histories.supply,
    fund=histories.fund,
    pay_dividend=dividends.pay,
)


@click.command("replay")
@click.argument("events", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--report", "report_path", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the report."
)
@click.option("--timezone", "zone", default="UTC", show_default=True, help="The federation's time zone.")
@click.option("--database", "url", help="The database to fill; DATABASE_URL unless given.")
@click.option("--strict", is_flag=True, help="Stop at the first refused line, with status 1.")
def command(events: Path, report_path: Path | None, zone: str, url: str | None, strict: bool) -> None:
    """Bring the history EVENTS into a database that has no transfers, and report what came of it.

    Exit status: 0 also with refused lines, 1 when --strict stopped at one or the report could not be kept, 2 when the
    history could not be brought in.
    """
    begun = time.monotonic()
    try:
        if report_path is not None:
            look_at_place(report_path.absolute(), events)
        with opened(url) as kit:
            if report_path is not None and is_part_of(kit.engine, report_path):
                raise CannotReplay("The report would overwrite the database.")
            report = replay(kit, lines_of(events), BOOK, zone=zone, strict=strict)
    except (CannotReplay, OSError) as error:
        click.echo(f"Not replayed: {error}", err=True)
        sys.exit(COULD_NOT)
    except KeyboardInterrupt:
        click.echo(HALF_FILLED, err=True)
        sys.exit(COULD_NOT)
    kept = hand_over(as_text(report), report_path)
    told(report, time.monotonic() - begun)
    if not kept or (strict and report["refused"]):
        sys.exit(FAILED)


def look_at_place(report: Path, events: Path) -> None:
    """See that the report can be written, before anything is brought in.

    Raises: CannotReplay.
    """
    if not report.parent.is_dir():
        raise CannotReplay(f"There is no folder {report.parent} for the report.")
    if not os.access(report if report.exists() else report.parent, os.W_OK):
        raise CannotReplay(f"The report cannot be written to {report}.")
    if report.exists() and report.samefile(events):
        raise CannotReplay("The report would overwrite the event file.")


def hand_over(text: str, report: Path | None) -> bool:
    """Write the report to its file, or print it, also when the file fails; tell whether it is where it was to go.

    That it is nowhere is said too: whoever asked would think that nothing was brought in.
    """
    if report is not None:
        try:
            report.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            click.echo(f"The history was brought in. Its report follows, since it could not be kept: {error}", err=True)
        else:
            return True
    try:
        click.echo(text, nl=False)
    except OSError as error:
        click.echo(f"The history was brought in, but its report could not be printed: {error.strerror}.", err=True)
        return False
    return report is None


@contextmanager
def opened(url: str | None) -> Iterator[Kit]:
    """Open the database at `url`, or the configured one, and bring it to the newest schema.

    Raises: CannotReplay.
    """
    settings = Settings.from_environment()
    try:
        engine = make_engine(url or settings.database_url)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise CannotReplay(f"The database's address: {error}") from None
    try:
        prepare(engine)
        with filling.alone(engine) as free:
            if not free:
                raise CannotReplay("Another history is being brought into this database.")
            yield Kit(engine=engine, settings=settings)
    except sa.exc.OperationalError as error:
        raise CannotReplay(f"The database does not answer: {reason(error)}") from None
    finally:
        engine.dispose()


def prepare(engine: sa.Engine) -> None:
    """Bring the database to the newest schema.

    Raises: CannotReplay.
    """
    try:
        migrate.upgrade(engine)
    except (sa.exc.SQLAlchemyError, CommandError) as error:
        raise CannotReplay(f"The database cannot be brought to this schema: {reason(error)}") from None


def lines_of(events: Path) -> io.StringIO:
    """Give the physical lines of a UTF-8 file, whichever line ends it has.

    Raises: CannotReplay.
    """
    try:
        return io.StringIO(events.read_bytes().decode("utf-8"), newline=None)
    except UnicodeDecodeError:
        raise CannotReplay("An event file is written in UTF-8, this one is not.") from None


def as_text(report: dict[str, Any]) -> str:
    """Write a report: the same report is the same bytes."""
    return json.dumps(report, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def told(report: dict[str, Any], seconds: float) -> None:
    """Tell in one line what came of it, and the first refused lines."""
    refused = report["refused"]
    click.echo(
        f"{report['transfers']} transfers, {report['replayed']} lines that were there already, "
        f"{len(refused)} refused, in {seconds:.1f} s.",
        err=True,
    )
    for entry in refused[:10]:
        click.echo(f"  line {entry['line']}: {entry['code']}", err=True)
