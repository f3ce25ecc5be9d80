"""The command that looks whether a deployment is in order, before members find that it is not."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import exc

from wallet import assets
from wallet.cli.database import reason
from wallet.cli.ends import COULD_NOT, FAILED
from wallet.config import ROOT, Settings
from wallet.domain.period import zone_named
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import demo
from wallet.store import federation, halts, migrate
from wallet.store import health as database
from wallet.store.engine import POOL, is_postgresql, reading
from wallet.store.health import Health

GOOD, LOOK, BAD = "ok  ", "look", "BAD "
STAYS_BEHIND = (
    "The database is a file in the folder of this version, and stays behind there when another takes over: name a "
    "place of its own in DATABASE_URL."
)
NO_NAME = (
    "WALLET_ORIGIN is {origin}: browsers make no passkey for an IP address, so nobody can join. Give it a name, on "
    "this machine alone localhost."
)
# Connections of a process beside its pool: one hears hints, one sends them.
ASIDE = 2
# Codes change each half a minute, and a bill lives for three.
CLOCK_MAY_DIFFER = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Finding:
    """Say how one thing is: in order, worth a look, or what must be mended before members come."""

    mark: str
    sentence: str


@click.command("doctor")
@with_appcontext
def command() -> None:
    """Look whether settings, database and static files are in order.

    Exit status: 0 all is in order or only worth a look, 1 something must be mended, 2 could not look.
    """
    kit: Kit = current_app.extensions["kit"]
    found = [*of_settings(kit.settings), *of_place(kit), *of_files()]
    try:
        found += of_database(kit)
    except (exc.SQLAlchemyError, OSError) as error:
        tell(found)
        click.echo(f"Could not look at the database: {reason(error)}", err=True)
        sys.exit(COULD_NOT)
    tell(found)
    sys.exit(FAILED if any(each.mark == BAD for each in found) else 0)


def tell(found: list[Finding]) -> None:
    """Write a line for each finding."""
    for each in found:
        click.echo(f"{each.mark} {each.sentence}")


def of_settings(settings: Settings) -> Iterator[Finding]:
    """Look at the environment."""
    if settings.demo:
        yield Finding(LOOK, "This is a demo: anyone signs in as anyone, and it answers this machine only.")
    elif settings.has_weak_secret:
        yield Finding(BAD, "SECRET_KEY is missing, weak or copied from an example: gunicorn will not start.")
    else:
        yield Finding(GOOD, "SECRET_KEY is long enough.")
    if settings.has_no_name and not settings.demo:
        yield Finding(BAD, NO_NAME.format(origin=settings.origin))
    elif settings.secure or settings.is_of_this_machine:
        yield Finding(GOOD, f"Members reach it at {settings.origin}.")
    else:
        yield Finding(BAD, f"WALLET_ORIGIN is {settings.origin}: cameras, passkeys and the installed app need https.")


def of_place(kit: Kit) -> Iterator[Finding]:
    """Look where the database lies, whether it is there or not."""
    file = Path("" if is_postgresql(kit.engine) else kit.engine.url.database or "")
    if not kit.settings.demo and file.name and file.resolve().is_relative_to(ROOT):
        yield Finding(LOOK, STAYS_BEHIND)


def of_files() -> Iterator[Finding]:
    """Look at what browsers are sent."""
    missing = [name for name, files in assets.COPIED.items() if not assets.has(name, files)]
    if assets.styles() == (assets.ALL_STYLES,):
        yield Finding(GOOD, "The static files are built.")
    else:
        yield Finding(LOOK, "The styles are not in one file: flask --app app assets build.")
    for name in missing:
        yield Finding(LOOK, f"The package {name} is missing: scanning uses the browser's own reader or the typed code.")


def of_database(kit: Kit) -> Iterator[Finding]:
    """Look at the database and what it holds.

    Raises: SQLAlchemyError, when it cannot be reached.
    """
    with reading(kit.engine) as connection:
        health = database.look(connection)
    yield Finding(GOOD, f"The database is {health.name}.")
    yield from of_server(health, kit)
    if fault := migrate.fault(kit.engine):
        yield Finding(BAD, fault)
        return
    yield Finding(GOOD, "It has the newest schema.")
    with reading(kit.engine) as connection:
        zone, halted = federation.founded_zone(connection), halts.since(connection)
    if zone is None:
        yield Finding(LOOK, "There is no federation yet: flask --app app init.")
    else:
        yield of_zone(zone)
    yield from of_demo(kit)
    if halted:
        yield Finding(BAD, f"Payments are stopped since {halted:%Y-%m-%d %H:%M} UTC: flask --app app verify says why.")


def of_demo(kit: Kit) -> Iterator[Finding]:
    """Look whether a demo's federation is whole and made up, and the demo's nowhere else than in a demo."""
    if not kit.settings.demo:
        if demo.lives_in(kit):
            yield Finding(BAD, "The federation is the demo's, which is made up: name another database in DATABASE_URL.")
        return
    try:
        demo.see_that_nobody_is_real(kit)
        demo.is_empty(kit)
    except demo.CannotFill as error:
        yield Finding(BAD, str(error))


def of_zone(zone: str) -> Finding:
    """Look whether this machine knows the federation's time zone."""
    try:
        zone_named(zone)
    except Refusal:
        return Finding(BAD, f"The federation's time zone is not known here: {zone}.")
    return Finding(GOOD, f"The federation's days begin at midnight in {zone}.")


def of_server(health: Health, kit: Kit) -> Iterator[Finding]:
    """Look at the settings of a database server."""
    for risk in health.risks:
        yield Finding(BAD, f"The database has {risk}: a payment that was answered can be lost with the power.")
    if health.reads_only:
        yield Finding(BAD, "The database takes reads alone: it is a standby, or was told so.")
    if health.encoding != database.UTF8:
        yield Finding(
            BAD, f"The database's encoding is {health.encoding}: it cannot keep every name. Make it with UTF8."
        )
    if health.clock is not None:
        off = abs(health.clock - kit.clock())
        if off > CLOCK_MAY_DIFFER:
            yield Finding(BAD, f"The database's clock and this machine's are {off.total_seconds():.0f} s apart.")
    wanted = kit.settings.processes * (POOL * 2 + ASIDE)
    if health.connections is not None and health.connections < wanted:
        said = f"The processes of this host may want {wanted} connections; the database allows {health.connections}."
        yield Finding(LOOK, said)
