"""The fixtures of every test: a fresh, migrated database of each kind, a clock and a kit whose books are verified."""

import gc
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy as sa
from werkzeug.routing import Rule

from tests import once
from tests.clock import Clock
from tests.postgres import running_postgres
from wallet import assets, i18n
from wallet.config import Settings
from wallet.factory import WalletApp
from wallet.kit import Kit
from wallet.store import migrate, verify
from wallet.store.engine import make_engine, snapshot
from wallet.store.tables import accounts, coops, people, tills
from wallet.web import language
from wallet.web.files import Files

DATABASES = ("sqlite", "postgresql")
COPY_BY_FILE_FROM = 150_000

hypothesis.settings.register_profile("quick", max_examples=50, deadline=None)
hypothesis.settings.register_profile("long", max_examples=2_000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_xdist_auto_num_workers() -> int:
    # Tests in a browser wait for real seconds: of two processors three workers leave 30 % idle, four 16 %.
    return (os.cpu_count() or 1) * 2


def pytest_collection_finish() -> None:
    """Take what was imported and collected out of the garbage collector's rounds: it stays until the end of the run.

    Each application that a test builds sets off such rounds; through all modules and tests they took a quarter of the
    web tests' time.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Compile routes and templates, and look through the static files, for the first application of all tests only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "compile", once.compiled_once(Rule.compile))
        patch.setattr(assets, "version", once.version_once(assets.version))
        patch.setattr(Files, "update_files_dictionary", once.files_once(Files.update_files_dictionary))
        patch.setattr(WalletApp, "jinja_options", {"bytecode_cache": once.Templates()})
        yield


@pytest.fixture(scope="session")
def engines() -> once.Engines:
    """Give what opens the tests' engines."""
    return once.Engines()


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """Run one PostgreSQL cluster for all tests; give the address of its `postgres` database."""
    with running_postgres() as url:
        yield url
        server(url).dispose()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one SQLite file that every test then copies."""
    path = tmp_path_factory.mktemp("migrated") / "wallet.sqlite3"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(cluster: str) -> str:
    """Migrate one PostgreSQL database that every test then copies; give its name and the quickest way to copy it."""
    on_server(cluster, "CREATE DATABASE migrated")
    migrated(database(cluster, "migrated"))
    with server(cluster).connect() as connection:
        version = connection.exec_driver_sql("SHOW server_version_num").scalar_one()
    # Newer servers write a copy to their log by default, which takes twice as long.
    return "migrated STRATEGY FILE_COPY" if int(version) >= COPY_BY_FILE_FROM else "migrated"


@pytest.fixture
def languages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give an empty folder for the languages that the wallet speaks in this test."""
    kept = (language.available, language.negotiated, language.named)
    folder = tmp_path / "translations"
    folder.mkdir()
    monkeypatch.setattr(language, "TRANSLATIONS", folder)
    for known in kept:
        known.cache_clear()
    yield folder
    i18n.use(i18n.ENGLISH)
    for known in kept:
        known.cache_clear()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on each kind of database, or where it is marked `only_on` one, on that."""
    if "database_url" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("only_on")
        metafunc.parametrize("database_url", only.args if only else DATABASES, indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a fresh, migrated database: the test runs once on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "wallet.sqlite3"
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    cluster, template = request.getfixturevalue("cluster"), request.getfixturevalue("migrated_postgres")
    name = f"test_{uuid.uuid4().hex}"
    on_server(cluster, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield database(cluster, name)
    finally:
        on_server(cluster, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def engine(database_url: str, engines: once.Engines) -> Iterator[sa.Engine]:
    """Give an engine on the fresh database, set up as in production but for the disk, which nobody waits for."""
    made = engines.open(database_url)
    try:
        yield made
    finally:
        made.dispose()


@pytest.fixture
def elsewhere() -> Iterator[Callable[[str], sa.Engine]]:
    """Give engines for other addresses, closed when the test is over: Python 3.13 warns of an open one."""
    with ExitStack() as closed:

        def opened(url: str) -> sa.Engine:
            engine = make_engine(url)
            closed.callback(engine.dispose)
            return engine

        yield opened


@pytest.fixture
def clock() -> Clock:
    """Give a clock that stands at noon of a Monday until the test moves it."""
    return Clock()


@pytest.fixture
def kit(request: pytest.FixtureRequest, engine: sa.Engine, database_url: str, clock: Clock) -> Iterator[Kit]:
    """Give a use case's kit; when the test is over the books must be sound."""
    yield Kit(engine=engine, clock=clock, settings=settings(database_url))
    if request.node.get_closest_marker("breaks_books") is None:
        with snapshot(engine) as connection:
            assert verify.check(connection) == [], "the books are broken after this test"


@pytest.fixture
def balances(kit: Kit) -> Callable[[], dict[str, int]]:
    """Give a function that tells the balance of every account, by its owner's handle, slug or till id."""
    owned = sa.union_all(
        sa.select(people.c.handle.label("owner"), people.c.account_id),
        sa.select(coops.c.slug, coops.c.account_id),
        sa.select(tills.c.id, tills.c.account_id),
        sa.select(sa.literal("pool"), accounts.c.id).where(accounts.c.kind == "pool"),
    ).subquery()
    statement = sa.select(owned.c.owner, accounts.c.balance_minor).join(accounts, accounts.c.id == owned.c.account_id)

    def told() -> dict[str, int]:
        with kit.engine.connect() as connection:
            return {owner: int(balance) for owner, balance in connection.execute(statement)}

    return told


def settings(database_url: str) -> Settings:
    """Give the settings of a kit."""
    return Settings(database_url=database_url, secret_key="for tests only: a secret of more than 32 letters")


def migrated(url: str) -> None:
    """Bring the database at `url` to the newest schema and close it."""
    engine = make_engine(url)
    try:
        migrate.upgrade(engine)
    finally:
        engine.dispose()


def database(cluster: str, name: str) -> str:
    """Give the address of the database `name` of the cluster."""
    return sa.make_url(cluster).set(database=name).render_as_string(hide_password=False)


@cache
def server(cluster: str) -> sa.Engine:
    """Give the engine by which databases are made and dropped."""
    return sa.create_engine(cluster, isolation_level="AUTOCOMMIT")


def on_server(cluster: str, statement: str) -> None:
    """Run a statement that PostgreSQL takes only outside a transaction."""
    with server(cluster).connect() as connection:
        connection.exec_driver_sql(statement)
