"""Flask that does nothing but the least SQL of a payment: no session, no check, no header; what is above it is ours.

A bill and its payment are a request each, as a client of the wallet sends them.
"""

import os
import threading

import psycopg
import sqlalchemy as sa
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

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
    made = _called(b"least_bill", f"{till} {request.get_json()['key']}")
    return jsonify(code=str(hash(made)), state="open"), 201


@app.post("/b/<code>/pay")
def pay(code: str) -> ResponseReturnValue:
    """Move the money of a bill."""
    made = _called(b"least_payment", str(1 + int(code) % PAYERS))
    return jsonify(receipt=made, state="paid"), 201


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
