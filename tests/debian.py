"""Programs that the tests need of the machine: Debian's packages, where they may be installed."""

import os
import shutil
import subprocess
import sys


class ProgramMissing(RuntimeError):
    """Say in one line which program there is not and how to get one."""


def found(names: tuple[str, ...], packages: tuple[str, ...], missing: str, path: str | None = None) -> str:
    """Give the path of the first of these programs; as root, install Debian's packages when there is none.

    Raises: ProgramMissing, saying `missing`.
    """
    program = _on_path(names, path)
    if program is None:
        install(*packages)
        program = _on_path(names, path)
    if program is None:
        raise ProgramMissing(missing)
    return program


def install(*packages: str) -> None:
    """Install packages if this is Debian and its root; whether that helped, the caller sees."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        subprocess.run(
            ["apt-get", "-qq", *command], check=False, env=quiet, stdout=sys.stderr, stdin=subprocess.DEVNULL
        )


def _on_path(names: tuple[str, ...], path: str | None) -> str | None:
    return next((program for name in names if (program := shutil.which(name, path=path))), None)
