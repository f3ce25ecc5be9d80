"""What of the store writes, read from its source: names that make rows, change or drop them, and what uses such."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

Name = tuple[str, str]

STATEMENTS = {"insert", "update", "delete"}
TEXT = re.compile(r"\b(INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b", re.I)
# A statement; what begins a transaction that may write; and a function of the database, which posts.
ROOTS = {("", "a statement"), ("wallet.store.functions", "call")}
ROOTS |= {("wallet.store.engine", name) for name in ("write", "act", "note")}
# Who asks for the charter has ballots counted whose time is over, on a connection of its own: that is no writing here.
READERS = {("wallet.store.charters", "history")}


def writing(known: dict[str, Path]) -> set[Name]:
    """Give what writes, by module and name, of all modules of the store."""
    uses: dict[Name, set[Name]] = {}
    for module, path in known.items():
        if module.startswith("wallet.store"):
            uses |= _uses(module, ast.parse(path.read_text()))
    found = set(ROOTS)
    while more := {name for name, used in uses.items() if used & found} - found - READERS:
        found |= more
    return found


def _uses(module: str, tree: ast.Module) -> dict[Name, set[Name]]:
    """Give what each name of a module uses."""
    taken = {
        alias.asname or alias.name: (str(node.module), alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    made = {name: node for node in tree.body for name in _made(node)}
    here = taken | {name: (module, name) for name in made}
    uses = {(module, name): {there} for name, there in taken.items()}
    return uses | {(module, name): set(_used(node, here)) for name, node in made.items()}


def _made(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name))


def _used(made: ast.stmt, here: dict[str, Name]) -> Iterator[Name]:
    within = list(ast.walk(made))
    own = {node.arg for node in within if isinstance(node, ast.arg)}
    own |= {node.id for node in within if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in within:
        if _is_statement(node):
            yield "", "a statement"
        match node:
            case ast.Name(id=name) if name in here.keys() - own:
                yield here[name]
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in here.keys() - own:
                yield ".".join(here[name]), attribute


def _is_statement(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in STATEMENTS
        case ast.Constant(value=str(text)):
            return TEXT.search(text) is not None
    return False
