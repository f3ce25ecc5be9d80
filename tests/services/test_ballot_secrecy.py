"""The secrecy of ballots: nothing that the database tells of a row links a voter to a paper."""

from pathlib import Path

import sqlalchemy as sa

from tests.clock import Clock
from tests.services.test_ballots import closed, crowd, opened, town, vote
from wallet.kit import Kit
from wallet.store.engine import is_postgresql, reading
from wallet.store.tables import ballot_papers, ballot_places, metadata

__all__ = ["town"]

PAPERS = sa.select(ballot_papers).order_by(ballot_papers.c.id)


def test_after_the_close_nothing_links_a_voter_to_a_paper(town: Kit, clock: Clock) -> None:
    handles = crowd(town, "clinic", 7)
    number = opened(town)
    choices = {handle: ("yes", "no", "blank")[place % 3] for place, handle in enumerate(reversed(handles))}
    for handle, choice in choices.items():
        vote(town, number, "clinic", handle, choice)
        clock.advance(days=1)
    clock.advance(days=23)
    closed(town, clock, number)

    assert places_of_ids(town) == {"ballot_papers"}, "a paper's number stands on it alone"
    hidden = "xmin::text, ctid::text" if is_postgresql(town.engine) else "rowid"
    with reading(town.engine) as connection:
        papers = [
            tuple(row) for row in connection.execute(sa.text(f"SELECT id, {hidden} FROM ballot_papers ORDER BY id"))
        ]
        places = connection.execute(
            sa.text(f"SELECT person_id, {hidden} FROM ballot_places ORDER BY coop_id, person_id")
        ).all()
        columns = {table.name: {column.name for column in table.columns} for table in (ballot_papers, ballot_places)}
        pointing = {key.parent.table.name for key in _keys_to("ballot_papers")}
    assert columns == {
        "ballot_papers": {"id", "ballot_id", "coop_id", "choice"},
        "ballot_places": {"ballot_id", "coop_id", "person_id", "voted"},
    }, "no time, no order and no name may be added to either"
    assert pointing == set()
    assert counters(town) == [], "neither is numbered in the order of writing"
    if is_postgresql(town.engine):
        (writer,) = {row[1] for row in papers} | {row[1] for row in places}
        assert written_by(town, writer) == {"ballots", "ballot_coops", "ballot_papers", "ballot_places", "notices"}
        assert [row[2] for row in papers] == sorted((row[2] for row in papers), key=_tuple_of)
        assert [row[2] for row in places] == sorted((row[2] for row in places), key=_tuple_of)
    else:
        assert [row[1] for row in papers] == sorted(row[1] for row in papers), "they lie in the order of random ids"
        assert [row[1] for row in places] == sorted(row[1] for row in places)


def test_what_the_close_took_out_is_gone_from_the_file_or_swept_at_once(town: Kit, clock: Clock) -> None:
    handles = crowd(town, "clinic", 30)
    number = opened(town)
    for handle in handles:
        vote(town, number, "clinic", handle)
    closed(town, clock, number)

    with town.engine.connect() as connection:
        if is_postgresql(town.engine):
            swept = "SELECT relname FROM pg_class WHERE reloptions @> :wanted ORDER BY 1"
            wanted = ["autovacuum_vacuum_threshold=0", "autovacuum_vacuum_scale_factor=0"]
            found = connection.execute(sa.text(swept), {"wanted": wanted}).scalars().all()
            assert found == ["ballot_papers", "ballot_places"]
            return
        ids = connection.execute(sa.select(ballot_papers.c.id)).scalars().all()
        connection.commit()
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    on_disk = Path(str(town.engine.url.database)).read_bytes()
    # Once in the table and once in the index of its key.
    assert {on_disk.count(one.encode()) for one in ids} == {2}


def test_while_it_is_open_papers_are_not_filled_in_their_order(town: Kit) -> None:
    handles = crowd(town, "clinic", 40)
    number = opened(town)
    filled: list[str] = []
    for handle in handles:
        vote(town, number, "clinic", handle)
        with reading(town.engine) as connection:
            cast_now = {paper.id for paper in connection.execute(PAPERS) if paper.choice}
        filled += cast_now - set(filled)

    assert filled != sorted(filled)
    assert filled != sorted(filled, reverse=True)


def places_of_ids(kit: Kit) -> set[str]:
    """Name the tables in which a paper's id stands, in whatever column."""
    found = set()
    with reading(kit.engine) as connection:
        ids = connection.execute(sa.select(ballot_papers.c.id)).scalars().all()
        for table in metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, sa.Text):
                    asked = sa.select(sa.literal(1)).select_from(table).where(column.in_(ids)).limit(1)
                    found |= {table.name} if connection.execute(asked).first() else set()
    return found


def counters(kit: Kit) -> list[str]:
    """Name what counts up for the columns of places and papers: sequences, identities, defaults, autoincrement."""
    described = sa.inspect(kit.engine)
    found = [
        f"{table}.{column['name']}"
        for table in ("ballot_papers", "ballot_places")
        for column in described.get_columns(table)
        if column.get("default") or column.get("identity") or column.get("autoincrement") is True
    ]
    if not is_postgresql(kit.engine):
        with reading(kit.engine) as connection:
            made = "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%' AND name LIKE 'ballot_p%'"
            found += connection.execute(sa.text(made)).scalars()
    return found


def written_by(kit: Kit, writer: str) -> set[str]:
    """Name the tables of which a transaction of PostgreSQL wrote rows that stand."""
    with reading(kit.engine) as connection:
        return {
            table.name
            for table in metadata.sorted_tables
            if connection.execute(
                sa.text(f"SELECT 1 FROM {table.name} WHERE xmin::text = :writer LIMIT 1"), {"writer": writer}
            ).first()
        }


def _keys_to(table: str) -> list[sa.ForeignKey]:
    return [key for one in metadata.tables.values() for key in one.foreign_keys if key.column.table.name == table]


def _tuple_of(where: str) -> tuple[int, int]:
    page, line = where.strip("()").split(",")
    return int(page), int(line)
