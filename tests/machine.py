"""See to what the tests need of the machine: `python -m tests.machine` installs it or says what is missing."""

import importlib
import subprocess
import sys
from pathlib import Path

from tests.chromium import bring_shell, found_chromium
from tests.debian import ProgramMissing
from tests.postgres import PostgresMissing, found_programs

WHEEL = Path(__file__).resolve().parent.parent / "requirements-postgres.txt"


def main() -> int:
    """Find or install PostgreSQL and Chromium; give the exit status."""
    try:
        _find_postgres()
        found_chromium()
        bring_shell()
    except (PostgresMissing, ProgramMissing) as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


def _find_postgres() -> None:
    try:
        found_programs()
    except PostgresMissing:
        # Nobody but root may install Debian's package, but anyone may have the wheel.
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(WHEEL)]
        subprocess.run(command, check=False, stdin=subprocess.DEVNULL)
        importlib.invalidate_caches()
        found_programs()


if __name__ == "__main__":
    sys.exit(main())
