"""The house itself: static files, pins, commands and the tests' own database server."""

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from tests.postgres import running_postgres
from wallet import assets
from wallet.store import migrate

ROOT = Path(__file__).resolve().parent.parent
PINS = sorted(ROOT.glob("requirements*.txt"))


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Give a root with one stylesheet and a `qr` package as npm lays it out."""
    package = tmp_path / "node_modules" / "qr"
    package.mkdir(parents=True)
    for name in (*assets.COPIED["qr"], "dom.js", "README.md"):
        (package / name).write_text(f"// {name}\n")
    (tmp_path / "static" / "css").mkdir(parents=True)
    (tmp_path / "static" / "css" / "app.css").write_text("body { color: black }\n")
    return tmp_path


def test_building_copies_the_listed_files_and_nothing_else(house):
    built = assets.build(house)

    copied = {path.name for path in (house / "static/vendor/qr").iterdir() if path.suffix != ".gz"}
    assert copied == set(assets.COPIED["qr"])
    assert built.missing == ()


def test_building_again_leaves_the_files_alone(house):
    first = assets.build(house)
    before = {path: path.stat().st_mtime_ns for path in (house / "static").rglob("*")}

    again = assets.build(house)

    assert again.copied == ()
    assert again.version == first.version
    assert {path: path.stat().st_mtime_ns for path in (house / "static").rglob("*")} == before


def test_a_compressed_twin_holds_the_same_bytes(house):
    assets.build(house)

    assert gzip.decompress((house / "static/css/app.css.gz").read_bytes()) == b"body { color: black }\n"
    assert (house / "static/vendor/qr/decode.js.gz").is_file()


def test_a_twin_of_a_changed_or_deleted_file_is_discarded(house):
    assets.build(house)
    (house / "static/css/app.css").write_text("body { color: white }\n")
    (house / "static/vendor/qr/decode.js").unlink()

    assets.discard_stale(house / "static")

    assert not (house / "static/css/app.css.gz").exists()
    assert not (house / "static/vendor/qr/decode.js.gz").exists()


def test_pages_link_to_one_style_sheet_while_it_says_what_all_of_them_say(house):
    static = house / "static"
    assert assets.styles(static) == assets.STYLES
    for number, style in enumerate(assets.STYLES):
        (static / style).parent.mkdir(exist_ok=True)
        (static / style).write_text(f".style-{number} {{ order: {number} }}")

    assets.build(house)

    assert assets.styles(static) == (assets.ALL_STYLES,)
    assert [line.split()[0] for line in (static / assets.ALL_STYLES).read_text().splitlines()] == [
        f".style-{number}" for number in range(len(assets.STYLES))
    ]
    (static / assets.STYLES[3]).write_text(".changed { order: 3 }")
    assert assets.styles(static) == assets.STYLES


def test_every_style_sheet_of_the_house_is_linked_or_the_one_for_print():
    written = {path.relative_to(ROOT / "static").as_posix() for path in (ROOT / "static/css").rglob("*.css")}

    assert written == {*assets.STYLES, "css/screens/sticker.css"}


def test_any_change_of_any_file_gives_another_version(house):
    versions = [assets.build(house).version]
    css = house / "static/css/app.css"

    css.write_text("body { color: white }\n")
    versions.append(assets.version(house / "static"))
    css.rename(css.with_name("other.css"))
    versions.append(assets.version(house / "static"))

    assert len(set(versions)) == 3
    assert all(re.fullmatch(r"[0-9a-f]{12}", version) for version in versions)


def test_a_missing_package_is_named_and_is_no_failure(house):
    shutil.rmtree(house / "node_modules")

    assert assets.build(house).missing == ("qr",)


def test_files_copied_before_stay_when_the_packages_are_gone(house):
    assets.build(house)
    shutil.rmtree(house / "node_modules")

    assert assets.build(house).missing == ()
    assert (house / "static/vendor/qr/decode.js").is_file()


def test_the_build_command_says_which_package_is_missing(house, monkeypatch):
    shutil.rmtree(house / "node_modules")
    monkeypatch.setattr(assets, "build", lambda: assets.Built((), ("qr",), "0" * 12))

    answer = CliRunner().invoke(assets.commands, ["build"])

    assert answer.exit_code == 0
    assert "npm ci" in answer.output


@pytest.mark.parametrize("path", PINS, ids=lambda path: path.name)
def test_every_pin_is_exact_and_hashed_and_names_no_host(path):
    text = path.read_text()
    pins = [line for line in text.splitlines() if line and line[0] not in " #"]

    assert pins
    for pin in pins:
        assert re.match(r"[a-z0-9.-]+==[^ ]+( ;.*)? \\$", pin), pin
    assert text.count("==") >= len(pins)
    assert "--hash=sha256:" in text
    assert "://" not in text


def test_the_lock_of_the_front_end_names_no_host():
    lock = json.loads((ROOT / "package-lock.json").read_text())
    package = json.loads((ROOT / "package.json").read_text())

    assert all("resolved" not in entry for entry in lock["packages"].values())
    assert all("integrity" in entry for name, entry in lock["packages"].items() if name)
    assert package["dependencies"] == {"qr": lock["packages"]["node_modules/qr"]["version"]}
    assert package["private"] is True


def test_make_alone_lists_the_commands():
    listed = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    for target in ("run", "test", "slow", "lint", "types", "bench", "bench-large", "shots"):
        assert re.search(rf"^  make {target} +\S", listed, re.M), target


def test_every_test_gets_a_migrated_database_of_its_own(kit, balances, database_url):
    assert balances() == {}
    assert migrate.fault(kit.engine) is None
    assert kit.settings.database_url == database_url


def test_a_cluster_leaves_nothing_behind():
    with running_postgres() as url:
        home = Path(str(sa.make_url(url).query["host"]))
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW fsync").scalar_one() == "off"
            assert connection.exec_driver_sql("SHOW listen_addresses").scalar_one() == ""
        assert home.exists()

    assert not home.exists()


def test_a_durable_cluster_waits_for_the_disk():
    with running_postgres(durable=True) as url:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW fsync").scalar_one() == "on"
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"


def test_a_cluster_is_removed_when_its_user_fails():
    homes = []
    with pytest.raises(ZeroDivisionError), running_postgres() as url:
        homes.append(Path(str(sa.make_url(url).query["host"])))
        raise ZeroDivisionError

    assert not homes[0].exists()


def test_no_merge_left_its_marks_in_a_file():
    marks = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
    marked = [
        str(path.relative_to(ROOT))
        for folder in ("wallet", "templates", "static", "tests", "bench", "docs")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".css", ".js", ".md", ".sql"} and marks.search(path.read_text("utf-8"))
    ]

    assert marked == []
