"""What tests of the commands share."""

import pytest
from flask import Flask

from wallet.factory import create_app
from wallet.kit import Kit


@pytest.fixture
def app(kit: Kit) -> Flask:
    """Give the application whose commands are run, on the kit's database."""
    return create_app(kit.settings, engine=kit.engine, clock=kit.clock)
