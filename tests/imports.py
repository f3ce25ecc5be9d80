"""Who imports whom in the package, read from the import statements."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "wallet"


@dataclass(frozen=True, slots=True)
class Import:
    """Hold one imported thing: `module` is the module as far as one exists, `name` what is taken from it."""

    importer: str
    module: str
    name: str
    line: int
    at_start: bool

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.module}{'.' + self.name if self.name else ''}"


def modules() -> dict[str, Path]:
    """Give the path of every module of the package, migrations aside, by its dotted name."""
    paths = (path for path in sorted(PACKAGE.rglob("*.py")) if "versions" not in path.parts and path.stem != "env")
    return {dotted(path): path for path in paths}


def dotted(path: Path) -> str:
    """Give the dotted name of the module in the file `path`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(importer: str, path: Path, known: dict[str, Path]) -> list[Import]:
    """List what a module imports when it runs; imports for type checkers alone don't count."""
    return list(_found(ast.parse(path.read_text()).body, importer, known, at_start=True))


def _found(body: list[ast.stmt], importer: str, known: dict[str, Path], *, at_start: bool) -> Iterator[Import]:
    for node in body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(importer, alias.name, "", node.lineno, at_start)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{importer}:{node.lineno} imports relatively"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if whole in known:
                    yield Import(importer, whole, "", node.lineno, at_start)
                else:
                    yield Import(importer, str(node.module), alias.name, node.lineno, at_start)
        elif not _for_type_checkers(node):
            inside = at_start and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            for part in ("body", "orelse", "finalbody", "handlers"):
                inner = [one for one in getattr(node, part, []) if isinstance(one, ast.stmt | ast.ExceptHandler)]
                yield from _found(inner, importer, known, at_start=inside)  # type: ignore[arg-type]


def _for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
