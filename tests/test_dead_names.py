"""Every name that a module of the package makes is used by the package: what only tests ask for is dead."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.imports import PACKAGE, ROOT, modules

# Taken by a name that is worked out: the commands by `factory`, the copies by which database it is.
CHOSEN = {"wallet.cli.register", "wallet.cli.demo.see_that_nobody_is_real"} | {
    f"wallet.store.copies.{database}.{act}" for database in ("postgres", "sqlite") for act in ("load", "save")
}
# A rule that `store/dividend_split` says over whole columns, held to it by tests; and what each test asks of the books.
HELD_TO = {"wallet.domain.dividend.new_minutes", "wallet.store.verify.check"}


def made(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Give the names that a module makes; what a decorator takes is used by it."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.decorator_list:
            yield node.name, node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    yield target.id, node


def unread(tree: ast.Module) -> set[str]:
    """Give the names that a module makes and does not read outside of what makes them."""
    read = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    return {
        name
        for name, maker in made(tree)
        if not any(node.id == name and not maker.lineno <= node.lineno <= (maker.end_lineno or 0) for node in read)
    }


def taken(path: Path) -> Iterator[str]:
    """Give what a file takes from modules, by dotted names."""
    source = path.read_text()
    tree, known = ast.parse(source), dict[str, str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    yield from known.values()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known:
            yield f"{known[node.value.id]}.{node.attr}"
    # What gunicorn is told by name.
    yield from re.findall(r"\"(wallet(?:\.\w+)+)\"", source)


def test_every_name_of_a_module_is_used_by_the_package() -> None:
    used = {
        name for path in [*PACKAGE.rglob("*.py"), ROOT / "app.py", ROOT / "gunicorn.conf.py"] for name in taken(path)
    }
    dead = {
        f"{module}.{name}" for module, path in modules().items() for name in unread(ast.parse(path.read_text()))
    } - used

    assert {name for name in dead if not name.endswith(".__all__")} == CHOSEN | HELD_TO
