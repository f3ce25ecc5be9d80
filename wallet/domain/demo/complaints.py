"""What goes wrong in Alder Valley: what members say of a purchase, what the co-op answers, and what comes back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wallet.domain.charter import Charter
from wallet.domain.demo.act import DemoAct
from wallet.domain.demo.people import BY_HANDLE, RUNS_AT, stewards_of

# A member looks at their activity in the afternoon; a steward answers the next day, and gives back the day after.
NOTICED, ANSWERED, SETTLED = timedelta(hours=5), timedelta(hours=25), timedelta(hours=49)
# Nobody writes about less; and what is said is said of a cake or a lunch, not of a bicycle.
LEAST_MINOR, MOST_MINOR = 300, 8_000
# What a cashier gives back alone. Two refunds above it wait for a steward, and have for so long, when the year ends.
ALONE_MINOR = Charter().refund_limit_minor
WAITS_SINCE, WAITING = timedelta(minutes=2), 2


@dataclass(frozen=True, slots=True)
class Complaint:
    """Hold a complaint about the first purchase at a co-op that fits; without an answer it is open still.

    Units: days before the year ends in which it was sold; `back_percent` of its RES are given back.
    """

    coop: str
    from_days: int
    to_days: int
    words: str
    answer: str = ""
    back_percent: int = 0
    kind: str = "bill"
    person: str = ""

    def fits(self, sale: DemoAct, before_end: timedelta) -> bool:
        """Tell whether it is about a purchase."""
        in_time = timedelta(days=self.to_days) <= before_end <= timedelta(days=self.from_days)
        worth = LEAST_MINOR <= sale.amount_minor - sale.cash_minor <= sale.amount_minor <= MOST_MINOR
        whose = self.person in ("", sale.person) and sale.coop not in BY_HANDLE[sale.person].works_at
        return in_time and worth and whose and (self.kind, self.coop) == (sale.kind, sale.coop)


COMPLAINTS = (
    Complaint(
        "bakery", 60, 14, "The cake was for four people, and I paid for eight.",
        "You are right, that was the price of the large one. Half of it is back with you. Sorry.", back_percent=50,
    ),
    # Nobody has answered for a week: it is with the facilitators by itself.
    Complaint("canteen", 30, 8, "Two lunches were charged. I ate alone that day."),
    Complaint(
        "farm", 6, 4, "The scale showed one kilo of apples, I was charged for two.", person="ana",
        answer="The till says two boxes. Bring them along on Saturday and we look at it together.",
    ),
    Complaint("bakery", 5, 1, "The bread of this morning was not through. Could you look at the oven?"),
    # A charge by code that is disputed in time comes back at once.
    Complaint("bakery", 2, 0, "I bought one loaf. This is the price of two.", kind="code", person="ana"),
)  # fmt: skip


class Quarrels:
    """Let each complaint be about a purchase as the year is planned, and remember what takes a steward to give back."""

    def __init__(self, ends: datetime) -> None:
        self.ends = ends
        self.left = [*COMPLAINTS]
        self.large: dict[str, DemoAct] = {}
        self.refunded: set[int] = set()

    def about(self, sale: DemoAct) -> list[DemoAct]:
        """Give what follows from a purchase that a complaint is about, yet without numbers; else nothing."""
        if sale.kind not in ("bill", "code"):
            return []
        if sale.amount_minor > ALONE_MINOR and sale.other != sale.person:
            # The last one of each co-op.
            self.large[sale.coop] = sale
        found = next((one for one in self.left if one.fits(sale, self.ends - sale.at)), None)
        if found is None:
            return []
        self.left.remove(found)
        self.refunded.add(sale.number)
        return self._said(found, sale)

    def _said(self, found: Complaint, sale: DemoAct) -> list[DemoAct]:
        res, (coop, of) = sale.amount_minor - sale.cash_minor, (sale.coop, sale.number)
        steward, part = stewards_of(coop)[0], res * found.back_percent // 1_000 * 10
        # What was charged by code comes back at once.
        carried = res if sale.kind == "code" else 0
        acts = [DemoAct(sale.at + NOTICED, 0, "dispute", coop, sale.person, "", carried, of=of, words=found.words)]
        if part:
            acts.append(
                DemoAct(sale.at + SETTLED, 0, "settle", coop, steward, sale.person, part, of=of, words=found.answer)
            )
        elif found.answer:
            acts.append(DemoAct(sale.at + ANSWERED, 0, "answer", coop, steward, of=of, words=found.answer))
        return acts

    def waiting(self, last: datetime) -> list[DemoAct]:
        """Give, for the year's last minutes, what cashiers ask to give back above what they may alone."""
        sales = [sale for sale in self.large.values() if sale.number not in self.refunded]
        sales.sort(key=lambda sale: (sale.coop != RUNS_AT, self.ends - sale.at))
        at, acts = max(last, self.ends - WAITS_SINCE), []
        for number, sale in enumerate(sales[:WAITING]):
            res, cash = sale.amount_minor - sale.cash_minor, sale.cash_minor
            asked = at + timedelta(seconds=number + 1)
            acts.append(DemoAct(asked, 0, "refund", sale.coop, sale.person, sale.other, res, cash, of=sale.number))
        return acts
