"""An upgraded database holds the tables that the code knows, on both databases, from every earlier revision too."""

from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from wallet.kit import Kit
from wallet.store import migrate
from wallet.store.engine import make_engine
from wallet.store.migrate import MIGRATIONS
from wallet.store.tables import metadata


def test_a_migrated_database_holds_just_the_tables_of_the_code(kit: Kit) -> None:
    with kit.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_migrated_database_holds_just_the_checks_of_the_code(kit: Kit) -> None:
    found = sa.inspect(kit.engine)
    for table in metadata.sorted_tables:
        ours = {str(one.name) for one in table.constraints if isinstance(one, sa.CheckConstraint)}
        theirs = {str(one["name"]) for one in found.get_check_constraints(table.name)}
        assert theirs == ours, table.name


def test_each_revision_has_one_before_it_and_one_after_it() -> None:
    revisions = list(ScriptDirectory(str(MIGRATIONS)).walk_revisions())

    assert [found.revision for found in revisions] == sorted((found.revision for found in revisions), reverse=True)
    assert all(not found.is_branch_point and not found.is_merge_point for found in revisions)


def test_upgrading_step_by_step_comes_to_the_same(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'wallet.sqlite3'}")
    revisions = [found.revision for found in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    for revision in reversed(revisions):
        migrate.upgrade(engine, revision)

    assert migrate.is_current(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()
