"""Static files across an upgrade: pages of the former version ask for what they need at addresses of that version."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

FORMER = "0123456789ab"


def test_what_a_page_from_before_an_upgrade_still_asks_for_is_found_at_its_new_address(
    app: Flask, stranger: FlaskClient
) -> None:
    moved = stranger.get(f"/static/{FORMER}/js/lib/scanner.js")

    assert (moved.status_code, moved.headers["Cache-Control"]) == (302, "no-store")
    assert moved.location == f"/static/{app.extensions['static_version']}/js/lib/scanner.js"
    assert moved.headers["X-Content-Type-Options"] == "nosniff"
    found = stranger.get(moved.location)
    assert found.status_code == 200
    found.close()


@pytest.mark.parametrize(
    "address",
    [
        f"/static/{FORMER}/js/lib/nothing.js",
        f"/static/{FORMER}/../{FORMER}/js/lib/scanner.js",
        f"/static/{FORMER}//js/lib/scanner.js",
        f"/static/{FORMER}/",
        "/static/../app.py",
        "/static//evil.example/js/lib/scanner.js",
        "/static/js/lib/scanner.js",
    ],
)
def test_an_address_of_no_file_leads_nowhere(stranger: FlaskClient, address: str) -> None:
    assert stranger.get(address).status_code == 404


def test_whoever_writes_is_led_nowhere(stranger: FlaskClient) -> None:
    assert stranger.post(f"/static/{FORMER}/js/lib/scanner.js", json={}).status_code == 404
