"""What is the same for each test is worked out once a run: an application's routes, its templates, its static files,
its statements.

Each test still builds an application and opens an engine of its own; what they would compile anew, they find here.
"""

from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import event
from werkzeug.routing import Rule

from wallet.config import ROOT
from wallet.store.engine import is_postgresql, make_engine
from wallet.web.files import Files


class Templates(BytecodeCache):
    """Keep the templates' bytecode in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill `bucket` when its template was compiled before."""
        if bucket.key in self.kept:
            bucket.load_bytecode(BytesIO(self.kept[bucket.key]))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what `bucket` holds."""
        self.kept[bucket.key] = bucket.bytecode_to_string()


class Engines:
    """Open engines that share what SQLAlchemy compiled, and do not wait for the disk."""

    def __init__(self) -> None:
        self.dialects: dict[str, sa.Dialect] = {}
        self.compiled: dict[Any, Any] = {}

    def open(self, url: str) -> sa.Engine:
        """Open an engine as production does."""
        made = make_engine(url)
        name = made.dialect.name
        if name not in self.dialects:
            # The first connection tells the dialect what the server can do.
            made.connect().close()
            self.dialects[name] = made.dialect
        # Statements are kept by their dialect, so engines share them when they share that.
        made.dialect = self.dialects[name]
        made.update_execution_options(compiled_cache=self.compiled)
        if not is_postgresql(made):
            event.listen(made, "connect", _do_not_wait)
        return made


def compiled_once(compiles: Callable[[Rule], None]) -> Callable[[Rule], None]:
    """Let `compiles`, by which a rule makes what matches and what builds its addresses, work once for equal rules."""
    kept: dict[Any, dict[str, Any]] = {}

    def compiled(rule: Rule) -> None:
        key = (rule.rule, rule.merge_slashes, tuple(sorted((rule.defaults or {}).items())))
        if key not in kept:
            compiles(rule)
            made = {name: vars(rule)[name] for name in ("_parts", "_trace", "_converters", "arguments")}
            kept[key] = made | {name: vars(rule)[name].__func__ for name in ("_build", "_build_unknown")}
            return
        vars(rule).update(kept[key])
        for name in ("_build", "_build_unknown"):
            setattr(rule, name, kept[key][name].__get__(rule))

    return compiled


def version_once(names: Callable[[Path], str]) -> Callable[[Path], str]:
    """Let `names` read the wallet's own static files, which do not change during a run, once."""
    own, kept = ROOT / "static", cache(names)
    return lambda static: kept(static) if static == own else names(static)


def files_once(looks: Callable[[Files, str, str], None]) -> Callable[[Files, str, str], None]:
    """Let `looks`, which finds what static files there are, work once for an address: it changes with any of them."""
    kept: dict[tuple[str, str], dict[str, Any]] = {}

    def looked(files: Files, root: str, prefix: str) -> None:
        if (root, prefix) not in kept:
            looks(files, root, prefix)
            kept[root, prefix] = dict(files.files)
        files.files.update(kept[root, prefix])

    return looked


def _do_not_wait(raw: Any, _record: Any) -> None:
    raw.execute("PRAGMA synchronous=OFF").fetchall()
