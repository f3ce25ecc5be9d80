"""How commands end: what an exit status says, and that one ends in words which is stopped or whom nobody can hear."""

import copy
import errno
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import click

# What each command says by its exit status, beside 0: a finding, or what was not done; and that it could not look.
FAILED, COULD_NOT = 1, 2
# A service manager's way of stopping, and a terminal's that goes away; Ctrl-C comes as an interruption anyway.
STOPS = (signal.SIGTERM, signal.SIGHUP)
STOPPED = "Stopped before its end. Run it again: what was done by then is never done twice."
# Of what is brought into an empty database: it does not go on from the half.
HALF_FILLED = "Stopped before its end. Start again with an empty database."


def with_an_end(command: click.Command) -> click.Command:
    """Give `command`, or a group of them, such that it ends in words."""
    made = copy.copy(command)
    if isinstance(made, click.Group):
        made.commands = {name: with_an_end(each) for name, each in made.commands.items()}
    elif made.callback is not None:
        made.callback = _in_words(made.callback)
    return made


def _in_words(callback: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(callback)
    def run(*arguments: Any, **options: Any) -> Any:
        try:
            with _interrupted():
                return callback(*arguments, **options)
        except (KeyboardInterrupt, click.Abort):
            # A prompt makes this of an interruption; the cursor then stands behind its question.
            click.echo(f"\n{STOPPED}" if sys.stderr.isatty() else STOPPED, err=True)
        except OSError as error:
            # Whoever read it has gone, as `head` does; whatever the command did is done.
            if error.errno != errno.EPIPE:
                click.echo(f"What there is to say could not be written: {error.strerror}.", err=True)
        sys.exit(COULD_NOT)

    return run


@contextmanager
def _interrupted() -> Iterator[None]:
    """Take the ways of stopping as an interruption, so that everything under way is left in order."""
    usual = [each for each in STOPS if signal.getsignal(each) is signal.SIG_DFL]
    for each in usual:
        signal.signal(each, signal.default_int_handler)
    try:
        yield
    finally:
        for each in usual:
            signal.signal(each, signal.SIG_DFL)
