"""Filling an empty database quickly: not waiting for the disk until all is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from wallet.store.engine import is_postgresql, make_engine


@contextmanager
def quick(engine: sa.Engine) -> Iterator[sa.Engine]:
    """Lend an engine on the same database whose commits do not wait for the disk.

    Only for a database that holds nothing yet: after a power cut in between, it has to be filled anew. What the caller
    then writes through `engine` itself waits for the disk, and brings all that was written before along.
    """
    if is_postgresql(engine):
        lent = make_engine(_address(engine.url.update_query_dict({"options": "-c synchronous_commit=off"})))
    else:
        lent = make_engine(_address(engine.url))
        sa.event.listen(lent, "connect", _do_not_wait)
    try:
        yield lent
    finally:
        lent.dispose()
    if not is_postgresql(engine):
        with engine.connect() as connection:
            # Pages that went from the log into the file without waiting are waited for now.
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _address(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)


def _do_not_wait(raw: Any, _record: Any) -> None:
    raw.execute("PRAGMA synchronous=OFF")
