"""What is in each wallet and in the pool while the year's wishes come true: nobody spends what they have not."""

from collections import defaultdict
from dataclasses import replace
from datetime import date

from wallet.domain.charter import Charter
from wallet.domain.demo.act import DemoAct
from wallet.domain.demo.dice import Dice
from wallet.domain.demo.people import BY_HANDLE
from wallet.domain.demo.ratios import Ratios

CODE_LIMIT_MINOR = Charter().code_payment_minor
CASH_DAY_MINOR = Charter().logged_cash_day_minor


class Purses:
    """Keep what everybody has and logged in cash, and what counts for their shares."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.wallets = dict.fromkeys(BY_HANDLE, 0)
        self.pool = 0
        self.cash: dict[tuple[str, date], int] = defaultdict(int)
        self.ratios = Ratios()

    def join(self, person: str, coop: str) -> None:
        """Let somebody work at a co-op from now on."""
        self.ratios.works.add((person, coop))

    def fulfil(self, wish: DemoAct) -> DemoAct | None:
        """Give a wish as it can come true, and move what it moves; None if nothing is left of it."""
        if wish.kind in ("pay", "line"):
            self.wallets[wish.person] += self.ratios.pay(
                wish.at, wish.coop, wish.person, wish.amount_minor, wish.minutes
            )
        elif wish.kind == "fund":
            self.pool += wish.amount_minor
        elif wish.kind == "dividend":
            return replace(wish, amount_minor=self.pool)
        elif wish.kind == "less":
            self.ratios.choose(wish.at, wish.person, wish.amount_minor)
        elif wish.kind == "join":
            self.join(wish.person, wish.coop)
        elif wish.kind == "leave":
            self.ratios.works.discard((wish.person, wish.coop))
        elif wish.kind == "gift":
            if self.wallets[wish.person] < 2 * wish.amount_minor:
                return None
            self.wallets[wish.person] -= wish.amount_minor
            self.wallets[wish.other] += wish.amount_minor
        elif wish.kind in ("bill", "code"):
            return self._purchase(wish)
        elif wish.kind == "vote":
            return wish if (wish.person, wish.coop) in self.ratios.works else None
        elif wish.kind in ("refund", "dispute", "settle"):
            self._back(wish, wish.other if wish.kind == "settle" else wish.person)
        return wish

    def _back(self, act: DemoAct, person: str) -> None:
        self.wallets[person] += act.amount_minor
        self.ratios.give_back(act.of, act.at, person, act.amount_minor + act.cash_minor)

    def _purchase(self, wish: DemoAct) -> DemoAct | None:
        held, res = self.wallets[wish.person], wish.amount_minor - wish.cash_minor
        if res > held:
            # The rest in cash, if there is something to pay in RES at all.
            res = held // 100 * 100
            if res == 0 and not self.dice.one_in(4):
                return None
        # More cash in a day would need a steward at the till.
        day = (wish.person, wish.at.date())
        cash = min(wish.amount_minor - res, CASH_DAY_MINOR - self.cash[day])
        if res + cash == 0:
            return None
        self.cash[day] += cash
        self.ratios.buy(wish.number, wish.at, wish.coop, wish.person, res + cash)
        kind = "bill" if wish.kind == "code" and (res > CODE_LIMIT_MINOR or res == 0) else wish.kind
        self.wallets[wish.person] -= res
        return replace(wish, kind=kind, amount_minor=res + cash, cash_minor=cash)
