"""Logs without secrets: the codes and invitations that stand in addresses are never written down."""

import logging
import re
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

# An address may stand in the query of another, as the one to go on to after signing in: escaped, perhaps twice.
_ESCAPED = "%(?:25)*"
_SLASH = f"(?:/|{_ESCAPED}2F)"
_FOLDER = rf"{_SLASH}(?:b|m|to|join|pair|office{_SLASH}[^\s/?#]+?{_SLASH}bills){_SLASH}"
_FIELD = rf"(?:^|[?&]|{_ESCAPED}(?:3F|26))(?:bill|code|unpaid)(?:=|{_ESCAPED}3D)"
SECRET_PARTS = re.compile(rf"({_FOLDER}|{_FIELD})[^\s/?#&\"'<>\\]+", re.IGNORECASE)

# What gunicorn cites of a request that it cannot read may be a cookie or a code wherever it stands.
UNREADABLE = re.compile(r"""(Invalid request from ip=[^'"]*)['"].*""", re.DOTALL)

# What PostgreSQL adds to why it refused a row holds the row, and may hold what was asked for.
ROW = re.compile(r"(DETAIL|CONTEXT):.*?(?=\n\[SQL: |\n\n|\Z)", re.DOTALL)


def masked(text: str) -> str:
    """Give `text` with codes of bills, members and tablets, invitations, and a database's rows, blotted out."""
    return SECRET_PARTS.sub(r"\1…", UNREADABLE.sub(r"\1…", ROW.sub(r"\1: …", text)))


class Mask(logging.Filter):
    """Blot secrets out of each record, in its message and in its arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record and let it pass."""
        record.msg = masked(record.getMessage())
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = masked(logging.Formatter().formatException(record.exc_info))
        return True


class MaskedLogger(Logger):  # type: ignore[misc]
    """Log for gunicorn: `--logger-class wallet.web.logs.MaskedLogger`."""

    def setup(self, cfg: Any) -> None:
        """Set the logs up as usual, masked."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.addFilter(Mask())

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        """Give the parts of an access line, masked."""
        found = super().atoms(resp, req, environ, request_time)
        return {name: masked(value) if isinstance(value, str) else value for name, value in found.items()}


def install() -> None:
    """Mask whatever this process logs through the root handlers."""
    root = logging.getLogger()
    if not root.handlers:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # A migration says what it did by its exit status.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for handler in root.handlers:
        if not any(isinstance(one, Mask) for one in handler.filters):
            handler.addFilter(Mask())
