"""The application that gunicorn and the `flask` command load."""

import sys

import click
from sqlalchemy.exc import ArgumentError

from wallet.factory import create_app

COULD_NOT = 2

try:
    app = create_app()
except (ArgumentError, ImportError, OSError, RuntimeError, ValueError) as error:
    # gunicorn stops at the error itself; whoever runs a command reads one sentence, and that nothing was done.
    if click.get_current_context(silent=True) is None:
        raise
    click.echo(f"The wallet cannot start with these settings: {error}", err=True)
    sys.exit(COULD_NOT)
