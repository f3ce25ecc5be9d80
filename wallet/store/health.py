"""What an operator asks of the database: which it is, how far its clock is off, and whether a commit is on the disk."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wallet.store.columns import from_micros
from wallet.store.engine import is_postgresql

# Switched off, a commit that was answered can be lost with the power.
RISKY = ("fsync", "synchronous_commit")
# The one encoding that has everybody's letters.
UTF8 = "UTF8"
# What is left of the server's for everybody, or what this database or this role is held to where that is less.
_CONNECTIONS = sa.text("""
    SELECT least(
      current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0),
      (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database()),
      (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = session_user))
""")
_CLOCK = sa.text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)")


@dataclass(frozen=True, slots=True)
class Health:
    """Hold the kind and version of a database and, of PostgreSQL, its clock, connections, letters and what it risks."""

    name: str
    clock: datetime | None
    connections: int | None
    # Settings by which a commit that was answered can be lost with the power.
    risks: tuple[str, ...]
    encoding: str = UTF8
    reads_only: bool = False


def look(connection: sa.Connection) -> Health:
    """Ask the database."""
    if not is_postgresql(connection):
        version = connection.execute(sa.text("SELECT sqlite_version()")).scalar_one()
        return Health(f"SQLite {version}", None, None, ())
    name = connection.execute(sa.text("SHOW server_version")).scalar_one()
    allowed = int(connection.execute(_CONNECTIONS).scalar_one())
    shown = {each: connection.execute(sa.text(f"SHOW {each}")).scalar_one() for each in RISKY}
    risks = tuple(f"{each} = off" for each, value in shown.items() if value == "off")
    encoding = connection.execute(sa.text("SHOW server_encoding")).scalar_one()
    reads_only = connection.execute(sa.text("SHOW transaction_read_only")).scalar_one() == "on"
    clock = from_micros(connection.execute(_CLOCK).scalar_one())
    return Health(f"PostgreSQL {name.split()[0]}", clock, allowed, risks, encoding, reads_only)
