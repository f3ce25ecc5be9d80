"""Numbers in addresses: one that no row can have is a page that is missing, wherever it stands."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter

from tests.web.conftest import JSON

LAST = 2**63 - 1


@pytest.mark.parametrize("handle", ["sam", "fay"])
def test_a_number_that_no_row_has_breaks_no_address(
    app: Flask, browser_of: Callable[[str], FlaskClient], handle: str
) -> None:
    browser, broken, found = browser_of(handle), [], []
    for rule in app.url_map.iter_rules():
        names = [name for name, kind in rule._converters.items() if isinstance(kind, IntegerConverter)]
        if not names:
            continue
        (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        for number in (LAST, LAST + 1, 10**30):
            address = rule.rule.replace("<coop>", "bakery").replace("<till>", "bakery-1")
            for name in names:
                address = address.replace(f"<int:{name}>", str(number))
            answer = browser.open(address, method=method, json={} if method == "POST" else None, headers=JSON)
            if answer.status_code >= 500:
                broken.append(address)
            elif number > LAST and answer.status_code not in (404, 405):
                found.append(address)

    assert broken == []
    assert found == []
