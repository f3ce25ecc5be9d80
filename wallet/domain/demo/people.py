"""The people of Alder Valley: fifty who work in its co-ops, one who helps out, nine who only shop."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Someone:
    """Hold a person: where they work, what they serve as there, and their hours a month and wage an hour."""

    handle: str
    name: str
    works_at: tuple[str, ...] = ()
    role: str = ""
    hours: int = 0
    wage_minor: int = 1_500

    @property
    def counter_name(self) -> str:
        """Give what a till shows: Ana M."""
        first, last = self.name.split(" ", 1)
        return f"{first} {last[0]}."


# Those who show the most come first: a member, a cashier, a steward, a facilitator.
PEOPLE: tuple[Someone, ...] = (
    Someone("ana", "Ana Moreau", ("mill",), "", 160),
    Someone("ben", "Ben Kessler", ("bakery",), "cashier", 152),
    Someone("eve", "Eve Sato", ("bakery",), "steward", 160, 1_600),
    Someone("joy", "Joy Abara", ("print",), "facilitator", 140),
    Someone("cy", "Cy Okafor"),
    Someone("dee", "Dee Lindqvist", ("mill",), "cashier", 150),
    Someone("noor", "Noor Haddad", ("grocery",), "cashier", 156),
    Someone("mara", "Mara Klein", ("books", "print"), "cashier", 90),
    Someone("milo", "Milo Santos", ("farm",), "temp", 60, 1_300),
    Someone("hugo", "Hugo Brandt", ("mill",), "steward", 160, 1_600),
    Someone("ines", "Ines Duarte", ("mill",), "", 120),
    Someone("lena", "Lena Novak", ("bakery",), "cashier", 120),
    Someone("omar", "Omar Farouk", ("bakery",), "steward", 160),
    Someone("ruth", "Ruth Adler", ("bakery",), "", 80),
    Someone("emil", "Emil Horvath", ("print",), "steward", 150),
    Someone("suki", "Suki Tanaka", ("print",), "cashier", 130),
    Someone("paul", "Paul Weiss", ("grocery",), "cashier", 140),
    Someone("greta", "Greta Olsen", ("grocery",), "steward", 160, 1_600),
    Someone("ravi", "Ravi Menon", ("grocery",), "", 150),
    Someone("tess", "Tess Quinn", ("grocery",), "", 96),
    Someone("marco", "Marco Silva", ("canteen",), "cashier", 150),
    Someone("yara", "Yara Nasser", ("canteen",), "cashier", 130),
    Someone("finn", "Finn Kelly", ("canteen",), "steward", 160, 1_600),
    Someone("olga", "Olga Petrova", ("canteen",), "", 110),
    Someone("maya", "Maya Stern", ("nursery",), "cashier", 140),
    Someone("leo", "Leo Rossi", ("nursery",), "", 150),
    Someone("iris", "Iris Vogel", ("nursery",), "steward", 160, 1_600),
    Someone("dario", "Dario Conti", ("nursery",), "", 100),
    Someone("kai", "Kai Jensen", ("cycles",), "cashier", 150),
    Someone("zoe", "Zoe Martin", ("cycles",), "steward", 150),
    Someone("ali", "Ali Rahman", ("cycles",), "", 120),
    Someone("bruno", "Bruno Costa", ("workshop",), "cashier", 150),
    Someone("vera", "Vera Lang", ("workshop",), "steward", 150),
    Someone("sam", "Sam Osei", ("workshop",), "", 140),
    Someone("nils", "Nils Berg", ("joinery",), "cashier", 150, 1_700),
    Someone("rosa", "Rosa Vidal", ("joinery",), "steward", 150, 1_700),
    Someone("jonas", "Jonas Krol", ("joinery",), "", 140),
    Someone("felix", "Felix Braun", ("books",), "steward", 120),
    Someone("anya", "Anya Kovac", ("books",), "cashier", 100),
    Someone("flo", "Flo Mensah", ("clinic",), "facilitator", 150, 1_800),
    Someone("idris", "Idris Bello", ("clinic",), "cashier", 140),
    Someone("clara", "Clara Roth", ("clinic",), "steward", 150, 1_800),
    Someone("peter", "Peter Lund", ("clinic",), "", 150, 1_800),
    Someone("gus", "Gus Moller", ("laundry",), "cashier", 140),
    Someone("amal", "Amal Said", ("laundry",), "steward", 140),
    Someone("bea", "Bea Fischer", ("laundry",), "", 100),
    Someone("theo", "Theo Wolf", ("homes",), "steward", 130, 1_600),
    Someone("uma", "Uma Patel", ("homes",), "cashier", 120),
    Someone("hana", "Hana Ito", ("farm",), "cashier", 150),
    Someone("otto", "Otto Maier", ("farm",), "steward", 160),
    Someone("lucia", "Lucia Reyes", ("farm",), "", 150),
    Someone("piet", "Piet Visser", ("farm",), "", 120),
    Someone("nina", "Nina Bauer"),
    Someone("adam", "Adam Cole"),
    Someone("sofia", "Sofia Marin"),
    Someone("walt", "Walt Huber"),
    Someone("priya", "Priya Nair"),
    Someone("elsa", "Elsa Holm"),
    Someone("david", "David Roy"),
    Someone("kate", "Kate Lynch"),
)
BY_HANDLE = {someone.handle: someone for someone in PEOPLE}

# Works three summer months without being a member, and is paid for them.
TEMP, TEMP_MONTHS = "milo", (7, 8, 9)
# Has no work in these months, and so no pay.
AWAY = {"sam": (6,), "tess": (3,)}
# Goes from the grocery to the laundry in the tenth month.
MOVER, MOVED_FROM, MOVED_TO, MOVED_IN = "ravi", "grocery", "laundry", 9
# Pays in runs that its two stewards sign, at least so much of an hour in cash; the others' pay came line by line.
RUNS_AT, SIGNERS, CASH_HOUR_MINOR = "bakery", ("eve", "omar"), 1_000
# Takes at most so much of her share, which she chose in the seventh month and which holds from the eighth on.
MODEST, CHOSEN_IN, TAKES_BP = "lena", 6, 1_500
# Of the dividend that is shared out in the tenth month the first drafts the run and the second approves it.
FACILITATORS, SHARED_IN = ("joy", "flo"), 9
# Pay with the code that their phone shows, now and then.
WITH_CODES = ("ana", "ben", "dee", "noor", "mara", "hugo", "omar", "marco", "maya", "kai", "vera", "flo", "hana", "cy")

# Which part of their pay people spend at other co-ops, in percent: these in turn, so that every sort is among them.
# Who spends nothing there stays at the floor.
SPENT_AT_OTHERS = (24, 40, 14, 64, 0, 90, 30, 6, 50, 0, 76, 18)


def percent_spent(someone: Someone) -> int:
    """Tell which percentage of their pay somebody means to spend at co-ops that are not their own."""
    return SPENT_AT_OTHERS[PEOPLE.index(someone) % len(SPENT_AT_OTHERS)] if someone.works_at else 0


def stewards_of(coop: str) -> list[str]:
    """List who runs a co-op's office."""
    return [one.handle for one in PEOPLE if one.role == "steward" and coop in one.works_at[:1]]


def cashiers_of(coop: str) -> list[str]:
    """List who may serve a co-op's tills."""
    return [one.handle for one in PEOPLE if one.role == "cashier" and coop in one.works_at[:1]]
