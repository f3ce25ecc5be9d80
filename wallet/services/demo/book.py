"""The use cases that the demo's year goes through; who fills a database brings them, since no service knows another."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class DemoBook:
    """Name the use cases that the year goes through; each takes the kit first."""

    found: Callable[..., Any]
    admit_coop: Callable[..., Any]
    describe: Callable[..., Any]
    open_till: Callable[..., Any]
    join: Callable[..., Any]
    leave: Callable[..., Any]
    accept_customer: Callable[..., Any]
    grant: Callable[..., Any]
    agree: Callable[..., Any]
    take_less: Callable[..., Any]
    answer_floor: Callable[..., Any]
    draft: Callable[..., Any]
    fill: Callable[..., Any]
    submit: Callable[..., Any]
    approve: Callable[..., Any]
    post: Callable[..., Any]
    draft_dividend: Callable[..., Any]
    approve_dividend: Callable[..., Any]
    post_dividend: Callable[..., Any]
    enrol: Callable[..., Any]
    pay: Callable[..., Any]
    open_bill: Callable[..., Any]
    pay_bill: Callable[..., Any]
    cancel_bill: Callable[..., Any]
    scan: Callable[..., Any]
    ask: Callable[..., Any]
    refund: Callable[..., Any]
    close: Callable[..., Any]
    give: Callable[..., Any]
    supply: Callable[..., Any]
    fund: Callable[..., Any]
    declare: Callable[..., Any]
    buy: Callable[..., Any]
    second: Callable[..., Any]
    dispute: Callable[..., Any]
    answer: Callable[..., Any]
    settle: Callable[..., Any]
    propose: Callable[..., Any]
    open_ballot: Callable[..., Any]
    vote: Callable[..., Any]
    count: Callable[..., Any]
