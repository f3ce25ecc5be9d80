"""A server that is not safe to start ends with its sentence, and has written nothing."""

import os
import subprocess
import sys

import pytest

from tests.imports import ROOT
from tests.serving import START_SECONDS, free_port
from wallet.kit import Kit
from wallet.services import demo

UNSAFE = {
    "WALLET_DEMO": {"WALLET_DEMO": "1", "WALLET_ORIGIN": "https://wallet.example"},
    "SECRET_KEY": {"WALLET_DEMO": "", "SECRET_KEY": "change me" * 5},
    "WEB_THREADS": {"WALLET_DEMO": "1", "WEB_THREADS": "0"},
    "WALLET_TRUSTED_PROXIES": {"WALLET_DEMO": "1", "WALLET_TRUSTED_PROXIES": "router"},
}


@pytest.mark.parametrize("named", UNSAFE)
def test_an_unsafe_server_ends_with_its_sentence_before_it_touches_the_database(kit: Kit, named: str) -> None:
    environment = os.environ | {"DATABASE_URL": kit.settings.database_url, "PORT": str(free_port())} | UNSAFE[named]
    command = [sys.executable, "-m", "gunicorn", "--log-level", "warning", "app:app"]

    ended = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=START_SECONDS, check=False
    )

    assert ended.returncode == 1
    assert named in ended.stderr
    assert "Traceback" not in ended.stderr
    assert demo.is_empty(kit)
