"""The house keeps its shape: who may import whom, who writes money, how long a file gets, what it is called."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.imports import PACKAGE, ROOT, Import, imports, modules
from tests.writes import Name, writing

KNOWN = modules()
IMPORTS = [found for name, path in KNOWN.items() for found in imports(name, path, KNOWN)]

# Room: the rooms of ours it may import from. A room is a module or sub-package right below `wallet`.
MAY_IMPORT = {
    "assets": set(),
    "cli": {"assets", "cli", "config", "domain", "errors", "i18n", "kit", "services", "store"},
    "config": set(),
    "domain": {"domain", "errors", "i18n"},
    "errors": {"i18n"},
    "factory": {"assets", "cli", "config", "errors", "i18n", "kit", "live", "services", "store", "web"},
    "i18n": set(),
    "kit": {"config", "domain"},
    "live": {"live", "store"},
    # Of its own floor the files of the same service alone, see below.
    "services": {"domain", "errors", "i18n", "kit", "services", "store"},
    "store": {"domain", "errors", "i18n", "store"},
    "web": {"config", "domain", "errors", "i18n", "kit", "live", "services", "store", "web"},
}
# Neither a room nor what it reaches through others.
OF_PAGES = {"babel", "flask", "jinja2", "werkzeug"}
MUST_NOT_IMPORT = {
    "domain": OF_PAGES
    | {"alembic", "os", "pathlib", "random", "secrets", "socket", "sqlalchemy", "sys", "time", "uuid"},
    "live": OF_PAGES,
    "store": OF_PAGES,
    "services": OF_PAGES,
}
# Whoever needs an account opened or its floor set may; balances move through the ledger alone.
FREE_OF_ACCOUNTS = {"open_account", "set_floor"}
# What the web may take from the engine.
READS = {"reading", "snapshot", "is_out_of_service"}
# Only reads.
VIEWS = "wallet.store.views"
WRITES_MONEY = {"wallet.store.ledger.journal", "wallet.store.accounts"}
MONEY_STATEMENT = re.compile(
    r"\b(update|insert|delete|pg_insert|sqlite_insert)\(\s*(accounts|transfers)\b"
    r"|\b(accounts|transfers)\.(update|insert|delete)\("
    r"|\b(UPDATE|INSERT INTO|DELETE FROM)\s+(accounts|transfers)\b"
)
# Where a payment goes: whoever reads a row there gives it a type, so that mypy finds a field that nobody has.
MONEY_PATH = re.compile(
    r"wallet\.services\.(dispute_returns|disputes|histories|payments|refunds|rulings|scans|shifts|stickers|supplies)$"
    r"|wallet\.store\.(ledger|accounts|bill_pages|bills|dispute_acts|dispute_refunds|dispute_sides|disputes)\b"
    r"|wallet\.store\.(functions|keys|limits|payments)\b"
    r"|wallet\.store\.(refund_transfers|refunds|sales|shifts|supplies|tills|views\.disputable)$"
)

# Guides, with a fifth of slack: 300 lines a file, 40 a function, 150 a script.
MOST_LINES = {"file": 360, "function": 48, "script": 180}
SCRIPTS = [path for path in sorted((ROOT / "static").rglob("*.js")) if "vendor" not in path.parts]


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def at(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def ours() -> Iterator[Import]:
    return (found for found in IMPORTS if found.module.split(".")[0] == "wallet" and room(found.module))


def test_every_room_imports_only_what_its_floor_allows():
    wrong = [
        str(found)
        for found in ours()
        if room(found.importer)
        and room(found.module) not in MAY_IMPORT[room(found.importer)]
        # The engine is told by the settings where the database is.
        and not (found.importer == "wallet.store.engine" and found.module == "wallet.config")
    ]

    assert wrong == []


def reached(floor: str) -> set[str]:
    """Give the modules of a room, and those of ours that they import, however far away."""
    found, waiting = set[str](), {name for name in KNOWN if room(name) == floor}
    while waiting:
        found |= waiting
        waiting = {each.module for each in IMPORTS if each.importer in waiting and each.module in KNOWN} - found
    return found


@pytest.mark.parametrize("floor", MUST_NOT_IMPORT)
def test_the_lower_floors_reach_neither_the_web_nor_the_outside(floor):
    within = reached(floor)
    wrong = [
        str(found)
        for found in IMPORTS
        if found.importer in within and found.module.split(".")[0] in MUST_NOT_IMPORT[floor]
    ]

    assert wrong == []


def test_the_domain_loads_nothing_of_pages_and_of_ours_the_sentences_and_the_refusals_alone():
    names = sorted(name for name in KNOWN if room(name) == "domain")
    script = f"import sys, {', '.join(names)}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    modules = set(loaded.stdout.split())

    assert {name.split(".")[0] for name in modules} & (OF_PAGES | {"alembic", "sqlalchemy"}) == set()
    assert {room(name) for name in modules if name.startswith("wallet.")} == {"domain", "errors", "i18n"}


def test_the_domain_never_looks_at_a_clock():
    looks = re.compile(r"\b(datetime\.now|utcnow|date\.today|time\.time)\b")

    assert [name for name, path in KNOWN.items() if room(name) == "domain" and looks.search(path.read_text())] == []


def test_the_clock_is_read_in_the_kit_alone():
    readers = [name for name, path in KNOWN.items() if re.search(r"\b(datetime\.now|utcnow)\(", path.read_text())]

    assert set(readers) <= {"wallet.kit"}


def test_every_topic_that_is_hinted_has_a_stream():
    sources = {name: path.read_text() for name, path in KNOWN.items()}
    topic = re.compile(r'f"(\w+):\{')
    streamed = set(re.findall(r'\bstream\(f"(\w+):\{', sources["wallet.web.events"]))
    hinted = {
        (name, kind)
        for name, source in sources.items()
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "hint")
        or (isinstance(node, ast.FunctionDef) and node.name == "topics")
        for kind in topic.findall(ast.get_source_segment(source, node) or "")
    }

    assert len(hinted) > 5
    assert {(name, kind) for name, kind in hinted if kind not in streamed} == set()


def test_no_service_imports_another():
    """The files of one service are one."""

    def service(module: str) -> list[str]:
        return module.split(".")[:3]

    wrong = [
        str(found)
        for found in ours()
        if room(found.importer) == room(found.module) == "services" and service(found.importer) != service(found.module)
    ]

    assert wrong == []


def test_no_blueprint_imports_another():
    blueprints = {name for name, path in KNOWN.items() if re.search(r"^\w+ = Blueprint\(", path.read_text(), re.M)}

    assert [str(found) for found in ours() if found.importer in blueprints and found.module in blueprints] == []


def can_write(found: Import) -> bool:
    """Tell whether what is taken from the store could write."""
    if found.module == "wallet.store.engine":
        return found.name not in READS
    whole = found.module in {"wallet", "wallet.store"} and found.name in {"", "*", "store"}
    return whole or found.module == "wallet.store.accounts" or found.module.startswith("wallet.store.ledger")


def test_the_web_reads_but_never_writes():
    own_way = re.compile(r"\bengine\.(begin|connect|raw_connection)\(")

    assert [str(found) for found in IMPORTS if room(found.importer) == "web" and can_write(found)] == []
    assert [name for name, path in KNOWN.items() if room(name) == "web" and own_way.search(path.read_text())] == []


@pytest.mark.parametrize(
    "line",
    [
        "from wallet.store.engine import write",
        "from wallet.store.engine import act, note",
        "from wallet.store.engine import *",
        "from wallet.store import engine as database",
        "import wallet.store.engine",
        "from wallet.store.ledger.sales import post_sale",
        "from wallet.store.ledger import journal",
        "from wallet.store import ledger",
        "from wallet.store.accounts import stand",
        "from wallet import store",
        "import wallet.store",
    ],
)
def test_whatever_writes_is_found_where_a_view_takes_it(line, tmp_path):
    view = tmp_path / "you.py"
    view.write_text(f"{line}\nfrom wallet.store.engine import reading, snapshot\nfrom wallet.store import bills\n")

    *taken, reading, snapshot, bills = imports("wallet.web.you", view, KNOWN)

    assert all(map(can_write, taken))
    assert not any(map(can_write, (reading, snapshot, bills)))


def changing(known: dict[str, Path]) -> list[Name]:
    """List what writes in the views of the store."""
    return sorted(name for name in writing(known) if name[0].startswith(VIEWS))


def test_what_the_store_shows_changes_nothing():
    assert sum(name.startswith(VIEWS) for name in KNOWN) > 25
    assert changing(KNOWN) == []


@pytest.mark.parametrize(
    "lines",
    [
        "_close = sa.update(tables.tills).values(state='closed')",
        "_close = tables.tills.delete()",
        "def shown(connection):\n    connection.execute(sa.insert(tables.tills), {})",
        "def shown(connection):\n    connection.exec_driver_sql('DELETE FROM tills')",
        "from wallet.store import tills\ndef shown(connection):\n    tills.close(connection, 'bakery-1')",
        "from wallet.store.tills import close as shown",
        "from wallet.store import ledger\ndef shown(connection):\n    return ledger.post_sale(connection)",
        "from wallet.store.engine import write\ndef shown(engine):\n    write(engine, print)",
        "from wallet.store import functions\ndef shown(connection):\n    functions.call(connection, 'pay', (), dict)",
    ],
)
def test_a_view_that_changes_something_is_found(lines, tmp_path):
    view = tmp_path / "tills.py"
    view.write_text(f"import sqlalchemy as sa\nfrom wallet.store import tables\n{lines}\n")

    assert changing(KNOWN | {f"{VIEWS}.zz": view}) != []


def answered(node: ast.AST) -> list[ast.expr]:
    """Give the status that an expression or a statement answers with."""
    match node:
        case ast.Tuple(elts=[ast.Call() | ast.Name(), status, *_]):
            return [status]
        case ast.Call(func=ast.Name(id="make_response" | "Response"), args=args, keywords=named):
            return args[1:2] + [each.value for each in named if each.arg == "status"]
        case ast.Call(func=ast.Name(id="abort"), args=[status, *_]):
            return [status]
        case ast.Assign(targets=[ast.Attribute(attr="status_code")], value=status):
            return [status]
    return []


def is_no(status: ast.expr) -> bool:
    match status:
        case ast.Constant(value=int(number)):
            return number >= 400
        case ast.Attribute(attr="status") | ast.Attribute(value=ast.Name(id="HTTPStatus")):
            return True
    return False


def no_by_hand(source: str) -> list[str]:
    """List where `source` gives an answer the status of a no by itself."""
    return [ast.unparse(node) for node in ast.walk(ast.parse(source)) if any(map(is_no, answered(node)))]


def test_one_place_answers_with_a_refusal_so_that_each_is_counted_and_says_when_to_come_again():
    by_hand = {name: no_by_hand(path.read_text()) for name, path in KNOWN.items() if room(name) == "web"}

    assert {name: found for name, found in by_hand.items() if found} == {
        "wallet.web.answers": ["response.status_code = refusal.status"]
    }


@pytest.mark.parametrize(
    "answer",
    [
        'return render_template("join/link.html", wrong=link), 400',
        'return render_template("auth/recovery.html", refusal=refusal), refusal.status',
        "return once((page(coop), 409), again)",
        "return page, HTTPStatus.GONE, {}",
        "response = make_response(page, 503)",
        "return Response(page, status=refusal.status)",
        "response.status_code = 410",
        "abort(404)",
    ],
)
def test_a_refusal_that_is_answered_by_hand_is_found(answer):
    assert no_by_hand(answer) != []


def test_there_is_no_cycle_of_imports():
    edges: dict[str, set[str]] = {name: set() for name in KNOWN}
    for found in ours():
        if found.module in KNOWN and found.at_start:
            edges[found.importer].add(found.module)
    while leaves := {name for name, targets in edges.items() if not targets & edges.keys()}:
        edges = {name: targets for name, targets in edges.items() if name not in leaves}

    assert edges == {}


def test_only_the_ledger_writes_transfers_and_balances():
    writers = {name for name, path in KNOWN.items() if MONEY_STATEMENT.search(path.read_text())}
    movers = [
        str(found)
        for found in ours()
        if found.module == "wallet.store.accounts"
        and found.name not in FREE_OF_ACCOUNTS
        and found.importer.rpartition(".")[0] != "wallet.store.ledger"
    ]

    assert writers <= WRITES_MONEY
    assert movers == []


def test_journal_rows_are_never_changed():
    changes = re.compile(r"\b(update|delete)\(\s*transfers\b|\btransfers\.(update|delete)\(|UPDATE transfers\b", re.I)

    assert [name for name, path in KNOWN.items() if changes.search(path.read_text())] == []


def test_what_becomes_of_a_row_that_is_there_already_is_spelled_in_one_place():
    spelled = re.compile(
        r"\bon_conflict_do_|\bON CONFLICT\b|\bINSERT OR\b|\bsqlalchemy\.dialects\.\w+ import .*\binsert\b"
    )

    assert [name for name, path in KNOWN.items() if spelled.search(path.read_text())] == ["wallet.store.upserts"]


def test_what_is_on_the_path_of_a_payment_has_a_type_and_is_read_by_name():
    """Only a row that is just being read, or the lines of a whole run, may be of any."""
    untyped = r"(?<!\brow)(?<!\blines): Any\b|-> Any\b|\w, Any\b"
    by_place = r"\b[A-Z]\w+\([^*]*\*(row|found|each)\b"
    loose = re.compile(rf"{untyped}|{by_place}")
    on_path = {name: path.read_text().splitlines() for name, path in KNOWN.items() if MONEY_PATH.match(name)}
    wrong = [f"{name}: {line.strip()}" for name, source in on_path.items() for line in source if loose.search(line)]

    assert len(on_path) > 25
    assert wrong == []


def test_no_floats_come_near_money():
    wrong = [
        f"{name}:{node.lineno}"
        for name, path in KNOWN.items()
        if room(name) in {"domain", "store", "services"}
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
    ]

    assert wrong == []


def lines(function: ast.FunctionDef) -> int:
    """Count a function's lines; what its docstring says is not held against it."""
    says = function.body[0] if ast.get_docstring(function) else None
    return (function.end_lineno or 0) - function.lineno + 1 - (says.end_lineno - says.lineno + 1 if says else 0)


@pytest.mark.parametrize("path", KNOWN.values(), ids=KNOWN)
def test_files_and_functions_stay_short(path):
    source = path.read_text()
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    long = [f"{node.name}: {lines(node)} lines" for node in functions if lines(node) > MOST_LINES["function"]]

    assert len(source.splitlines()) <= MOST_LINES["file"]
    assert long == []


@pytest.mark.parametrize("path", KNOWN.values(), ids=KNOWN)
def test_modules_and_public_names_say_what_they_do(path):
    tree = ast.parse(path.read_text())
    silent = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]

    assert ast.get_docstring(tree), "a module begins with what it is for"
    assert silent == []


@pytest.mark.parametrize("path", KNOWN.values(), ids=KNOWN)
def test_no_module_is_a_drawer_for_everything(path):
    assert path.stem not in {"utils", "util", "helpers", "helper", "manager", "common", "misc"}


def test_every_class_has_a_name_of_its_own():
    """Private ones are known in their own file alone."""
    nodes = [node for path in KNOWN.values() for node in ast.walk(ast.parse(path.read_text()))]
    classes = [node.name for node in nodes if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    others = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}

    assert sorted({name for name in classes if classes.count(name) > 1 or name in others}) == []


def test_a_cap_is_the_pay_shares_a_limit_a_members_and_a_ceiling_a_pay_runs():
    words = {word for path in KNOWN.values() for word in re.findall(r"\w+", path.read_text())}

    assert {word for word in words if {"cap", "caps"} & set(word.lower().split("_"))} == {"cap_bp"}


@pytest.mark.parametrize("path", SCRIPTS, ids=at)
def test_a_script_is_short_and_makes_no_markup_from_text(path):
    source = path.read_text()

    code = [line for line in source.splitlines() if not line.strip().startswith(("//", "*", "/*"))]

    assert len(code) <= MOST_LINES["script"]
    for risky in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert risky not in source


@pytest.mark.parametrize("path", SCRIPTS, ids=at)
def test_a_script_imports_its_neighbours_by_relative_path(path):
    targets = re.findall(
        r"^\s*(?:import|export)\b[^;'\"]*?from\s*[\"']([^\"']+)|^\s*import\s*[\"']([^\"']+)", path.read_text(), re.M
    )

    for target in (one or other for one, other in targets):
        assert target.startswith("."), target
        if "vendor" not in target:
            assert (path.parent / target).is_file(), target


def test_one_place_saves_files_of_text_so_that_no_spreadsheet_runs_them():
    writing = {name for name, path in KNOWN.items() if "csv.writer" in path.read_text()}
    saving = {name for name, path in KNOWN.items() if "text/csv" in path.read_text()}

    assert writing == {"wallet.domain.sheet"}
    # Accounts are as long as a co-op's year: they alone are written line by line.
    assert saving == {"wallet.web.answers", "wallet.web.bookkeeping"}
    assert "sheet.written_lines(" in KNOWN["wallet.web.bookkeeping"].read_text()


def test_nothing_of_the_package_is_empty_by_mistake():
    assert len(KNOWN) > 20
    assert PACKAGE.is_dir()
