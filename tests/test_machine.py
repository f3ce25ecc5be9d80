"""Any sequence of movements, on both databases, ends where the oracle ends, with sound books after every step."""

import collections
import shutil
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.clock import Clock
from tests.conftest import DATABASES, database, on_server
from tests.counter_machine import Counter
from wallet.kit import Kit
from wallet.store.engine import make_engine


@pytest.fixture(params=DATABASES)
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> type[Counter]:
    """Give the machine on one kind of database; each of its runs has a fresh one."""

    def fresh_file() -> tuple[str, Callable[[], None]]:
        path = tmp_path / f"{uuid.uuid4().hex}.sqlite3"
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite:///{path}", path.unlink

    def fresh_on_server() -> tuple[str, Callable[[], None]]:
        cluster, name = request.getfixturevalue("cluster"), f"machine_{uuid.uuid4().hex}"
        on_server(cluster, f"CREATE DATABASE {name} TEMPLATE {request.getfixturevalue('migrated_postgres')}")
        return database(cluster, name), partial(on_server, cluster, f"DROP DATABASE {name} WITH (FORCE)")

    def fresh() -> tuple[Kit, Callable[[], None]]:
        url, drop = fresh_file() if request.param == "sqlite" else fresh_on_server()
        engine = make_engine(url, pool_size=2)

        def close() -> None:
            engine.dispose()
            drop()

        return Kit(engine=engine, clock=Clock()), close

    return type(
        "Fresh", (Counter,), {"fresh": staticmethod(fresh), "ends": collections.Counter(), "database": request.param}
    )


def run(machine: type[Counter], examples: int, steps: int, *, derandomize: bool) -> None:
    """Run the machine; the quick rounds are the same every time, the long ones never and make a failure short."""
    phases = [Phase.generate] if derandomize else list(Phase)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=derandomize,
            database=None, phases=phases, suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def test_any_sequence_of_movements_ends_where_the_oracle_ends(machine: type[Counter]) -> None:
    run(machine, 30 if machine.database == "sqlite" else 10, 50, derandomize=True)

    # A machine that is refused all the time would agree with anything.
    done = {service for service, end in machine.ends if end == "done"}
    assert done >= {"pay", "sell", "open_bill", "pay_bill"}
    assert len(done) >= 10
    assert "insufficient_funds" in {end for _service, end in machine.ends}


@pytest.mark.slow
def test_any_long_sequence_of_movements_ends_where_the_oracle_ends(machine: type[Counter]) -> None:
    run(machine, 150, 80, derandomize=False)
