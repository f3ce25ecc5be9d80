"""Programs that the tests need of the machine: Debian's packages, where they may be installed."""

import os
import shutil
import subprocess
import sys


def install(*packages: str) -> None:
    """Install packages if this is Debian and its root; whether that helped, the caller sees."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        subprocess.run(
            ["apt-get", "-qq", *command], check=False, env=quiet, stdout=sys.stderr, stdin=subprocess.DEVNULL
        )
