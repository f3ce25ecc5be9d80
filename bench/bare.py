"""Two servers that do nothing but the least SQL of a payment, without session, check or header: with Flask and without.

A bill and its payment are a request each, as a client of the wallet sends them. What is above them is ours.
"""

import json
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

import psycopg
import sqlalchemy as sa
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from bench import hello

PAYERS = 1000
app = Flask(__name__)
_of_thread = threading.local()


@app.get("/healthz")
def alive() -> str:
    """Say that it runs."""
    return "ok\n"


@app.post("/tills/<till>/bills")
def charge(till: str) -> ResponseReturnValue:
    """Keep a bill."""
    return jsonify(_charged(till, request.get_json()["key"])), 201


@app.post("/b/<code>/pay")
def pay(code: str) -> ResponseReturnValue:
    """Move the money of a bill."""
    return jsonify(_paid(code)), 201


def function(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Do the same without Flask."""
    if environ["REQUEST_METHOD"] == "GET":
        return hello.app(environ, start_response)
    _, collection, name, *_act = environ["PATH_INFO"].split("/")
    asked = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    body = json.dumps(_charged(name, asked["key"]) if collection == "tills" else _paid(name)).encode()
    start_response("201 Created", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def _charged(till: str, key: str) -> dict[str, str]:
    return {"code": str(hash(_called(b"least_bill", f"{till} {key}"))), "state": "open"}


def _paid(code: str) -> dict[str, str]:
    return {"receipt": _called(b"least_payment", str(1 + int(code) % PAYERS)), "state": "paid"}


def _called(function: bytes, value: str) -> str:
    """Call a function in the cheapest way there is: prepared once a thread, by libpq."""
    if not hasattr(_of_thread, "database"):
        database = psycopg.connect(_address(), autocommit=True)
        for name in (b"least_bill", b"least_payment"):
            database.pgconn.prepare(name, b"SELECT %s($1)" % name)
        _of_thread.database = database
    answer = _of_thread.database.pgconn.exec_prepared(function, [value.encode()]).get_value(0, 0)
    assert answer is not None, "the database said no"
    return bytes(answer).decode()


def _address() -> str:
    made = sa.engine.make_url(os.environ["DATABASE_URL"])
    return psycopg.conninfo.make_conninfo(host=str(made.query["host"]), user=made.username, dbname=made.database)
