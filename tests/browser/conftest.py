"""The fixtures of the browser tests: a real gunicorn on a federation, a real Chromium, and a stage for each test."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.browser import world as worlds
from tests.browser.stage import PATIENCE_MS, Stage, heard_at_once, launch
from tests.browser.world import World
from tests.conftest import database, on_server
from tests.serving import served
from wallet.config import Settings
from wallet.kit import Kit
from wallet.store.engine import make_engine


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Start what drives the browsers."""
    expect.set_options(timeout=PATIENCE_MS)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as started:
        patch.setattr(Page, "route", heard_at_once(Page.route))
        yield started


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Start the browser that every test without a camera shares."""
    browser = launch(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def world(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Serve one federation on SQLite for all tests, which take people and counters of their own from it."""
    path = tmp_path_factory.mktemp("served") / "wallet.sqlite3"
    shutil.copyfile(migrated_sqlite, path)
    with serving(f"sqlite:///{path}") as made:
        yield made


@pytest.fixture(scope="package")
def world_on_postgresql(cluster: str, migrated_postgres: str) -> Iterator[World]:
    """Serve one federation on PostgreSQL, from two processes."""
    name = f"served_{uuid.uuid4().hex}"
    on_server(cluster, f"CREATE DATABASE {name} TEMPLATE {migrated_postgres}")
    try:
        with serving(database(cluster, name), workers=2) as made:
            yield made
    finally:
        on_server(cluster, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="package")
def real_world(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Serve a federation that is no demo: its people have passkeys."""
    path = tmp_path_factory.mktemp("real") / "wallet.sqlite3"
    shutil.copyfile(migrated_sqlite, path)
    with serving(f"sqlite:///{path}", demo=False) as made:
        yield made


@pytest.fixture(autouse=True)
def _service_workers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.node.get_closest_marker("without_worker"):
        monkeypatch.setattr(Stage, "service_workers", "block")


@pytest.fixture
def real_stage(playwright: Playwright, chromium: Browser, real_world: World, tmp_path: Path) -> Iterator[Stage]:
    """Give a stage of a federation that is no demo."""
    yield from _staged(Stage(playwright, chromium, real_world, tmp_path))


@pytest.fixture
def stage(playwright: Playwright, chromium: Browser, world: World, tmp_path: Path) -> Iterator[Stage]:
    """Give a stage on SQLite; when the test is over, no page may have complained."""
    yield from _staged(Stage(playwright, chromium, world, tmp_path))


@pytest.fixture
def fresh_stage(playwright: Playwright, chromium: Browser, migrated_sqlite: Path, tmp_path: Path) -> Iterator[Stage]:
    """Give a stage of a federation that nobody has looked at: figures of the whole one are kept for some minutes."""
    path = tmp_path / "wallet.sqlite3"
    shutil.copyfile(migrated_sqlite, path)
    with serving(f"sqlite:///{path}") as made:
        yield from _staged(Stage(playwright, chromium, made, tmp_path))


@pytest.fixture(params=["sqlite", "postgresql"])
def either_stage(
    request: pytest.FixtureRequest, playwright: Playwright, chromium: Browser, tmp_path: Path
) -> Iterator[Stage]:
    """Give a stage on each kind of database."""
    name = "world" if request.param == "sqlite" else "world_on_postgresql"
    yield from _staged(Stage(playwright, chromium, request.getfixturevalue(name), tmp_path))


@contextmanager
def serving(url: str, *, workers: int = 1, threads: int = 24, demo: bool = True) -> Iterator[World]:
    """Found a federation in the empty database at `url` and serve it."""
    engine = make_engine(url)
    try:
        worlds.build(Kit(engine))
        with served(url, workers=workers, threads=threads, demo=demo) as port:
            yield World(f"http://localhost:{port}", Kit(engine, settings=Settings(database_url=url)))
    finally:
        engine.dispose()


def _staged(stage: Stage) -> Iterator[Stage]:
    try:
        yield stage
    finally:
        stage.close()
    assert stage.complaints == []
