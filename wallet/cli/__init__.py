"""The commands of `flask --app app`, one file each."""

from importlib import import_module

from flask import Flask

from wallet import assets
from wallet.cli.ends import with_an_end

COMMANDS = (
    "backup", "ballots", "database", "demo", "dividend", "doctor", "facilitators", "init", "payday", "replay",
    "restore", "simulate", "verify",
)  # fmt: skip


def register(app: Flask) -> None:
    """Give `app` its commands."""
    app.cli.add_command(with_an_end(assets.commands))
    for name in COMMANDS:
        app.cli.add_command(with_an_end(import_module(f"wallet.cli.{name}").command))
