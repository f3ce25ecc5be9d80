"""Functions of ours on PostgreSQL: what goes in, what comes out, where each stands, and a database that went away."""

import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from tests.imports import ROOT
from tests.postgres import cut_off
from wallet.store.engine import reading, write
from wallet.store.functions import call

pytestmark = pytest.mark.only_on("postgresql")
FUNCTIONS = ROOT / "wallet" / "store" / "migrations" / "functions"
ECHO = """
CREATE FUNCTION echo(a text, b bigint, c boolean, OUT words text, OUT number bigint, OUT truth boolean)
LANGUAGE plpgsql AS $$ BEGIN words := a; number := b; truth := c; END $$
"""


@pytest.fixture
def connection(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Lend a connection to a database that has the function `echo`."""
    with engine.connect() as made:
        made.exec_driver_sql(ECHO)
        yield made


@pytest.mark.parametrize(
    "values",
    [("Würze 漢字 🥖", -(2**63), True), ("", 2**63 - 1, False), (None, None, None), ('it\'s "5 %" \\ $1', 0, None)],
)
def test_what_a_function_is_given_comes_back_as_it_was(
    connection: sa.Connection, values: tuple[str | None, int | None, bool | None]
) -> None:
    for _ in range(2):
        row = call(connection, "echo", values, SimpleNamespace)

        assert (row.words, row.number, row.truth) == values


def test_a_text_that_would_be_cut_off_reaches_no_function(connection: sa.Connection) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="NUL"):
        call(connection, "echo", ("bread\0and more", 1, True), SimpleNamespace)


def test_a_call_that_was_to_be_in_a_transaction_is_never_made_outside_it(engine: sa.Engine) -> None:
    with write_connection(engine) as connection, pytest.raises(AssertionError, match="no transaction"):
        call(connection, "echo", ("bread", 1, True), SimpleNamespace)


def test_what_a_call_did_in_a_transaction_goes_back_with_it(engine: sa.Engine) -> None:
    counted = "CREATE FUNCTION noted(word text, OUT total bigint) LANGUAGE plpgsql AS $$ BEGIN " \
        "INSERT INTO notes VALUES (word); SELECT count(*) INTO total FROM notes; END $$"  # fmt: skip
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE notes (word text)")
        connection.exec_driver_sql(counted)

    def work(connection: sa.Connection) -> None:
        connection.exec_driver_sql("SELECT 1")
        assert call(connection, "noted", ("bread",), SimpleNamespace).total == 1
        raise RuntimeError("turned round")

    with pytest.raises(RuntimeError, match="turned round"):
        write(engine, work)
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM notes").scalar_one() == 0


def test_a_function_is_called_again_after_the_driver_threw_away_what_was_prepared(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql(ECHO)
        assert call(connection, "echo", ("bread", 1, True), SimpleNamespace).words == "bread"
        connection.exec_driver_sql("DEALLOCATE ALL")

        assert call(connection, "echo", ("salt", 2, False), SimpleNamespace).words == "salt"


def test_a_connection_that_ends_under_a_call_is_thrown_away(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql(ECHO)
        assert call(connection, "echo", ("bread", 1, True), SimpleNamespace).words == "bread"
        cut_off(engine)

        with pytest.raises(sa.exc.DBAPIError) as lost:
            call(connection, "echo", ("bread", 1, True), SimpleNamespace)

        assert lost.value.connection_invalidated
        assert connection.invalidated
    with engine.connect() as connection:
        assert call(connection, "echo", ("salt", 2, False), SimpleNamespace).words == "salt"


def write_connection(engine: sa.Engine) -> sa.Connection:
    """Lend a connection that begins a transaction with its first statement."""
    return engine.connect().execution_options(isolation_level="READ COMMITTED")


def test_the_document_tells_where_the_text_of_each_function_is_that_a_database_holds(engine: sa.Engine) -> None:
    table = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8").partition("## Where each function stands")[2]
    told = {
        name: (FUNCTIONS / row[2]).read_text(encoding="utf-8")
        for row in re.finditer(r"^\| (`.*) \| `(.*)` \|$", table, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row[1])
    }
    with engine.connect() as connection:
        kept = connection.exec_driver_sql(
            "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname NOT IN "
            "('refuse_change', 'refuse_late_posting', 'refuse_while_halted')"
        ).all()

    assert sorted(told) == sorted(name for name, _ in kept)
    assert [name for name, text in kept if text not in told[name]] == []
