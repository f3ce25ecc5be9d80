"""The places of Alder Valley: fourteen co-ops that serve nine of the twelve needs."""

from dataclasses import dataclass

FEDERATION = "Alder Valley"
ZONE = "UTC"


@dataclass(frozen=True, slots=True)
class Venue:
    """Hold a co-op, what a purchase there costs, and how often people come compared to other places."""

    slug: str
    name: str
    need: str
    address: str
    mark: str
    line_minor: int
    tills: tuple[str, ...]
    least_minor: int
    most_minor: int
    visits: int

    def till_ids(self) -> list[str]:
        """Give the ids of its tills: bakery-1, bakery-2."""
        return [f"{self.slug}-{number}" for number in range(1, len(self.tills) + 1)]


ONE = ("Counter",)
TWO = ("Counter 1", "Counter 2")

PLACES = (
    Venue("bakery", "Kneading Table Bakery", "food", "Weir Street 3", "loaves", 2_400_000, TWO, 600, 6_800, 7),
    Venue("mill", "Weir Mill", "food", "Weir Street 1", "pinwheel", 2_800_000, ("Mill shop",), 900, 8_400, 4),
    Venue("grocery", "Common Ground Grocery", "food", "Mill Lane 14", "sprout", 2_400_000, TWO, 1_400, 9_600, 6),
    Venue("canteen", "Hearth Canteen", "food", "Station Square 2", "hearth", 2_800_000, TWO, 900, 7_800, 6),
    Venue("nursery", "Small Steps Nursery", "children", "Rise 9", "stairs", 2_400_000, ("Office",), 6_000, 16_000, 2),
    Venue("cycles", "Chain Cycles", "transport", "Bridge Road 21", "wheel", 1_800_000, ONE, 1_500, 19_000, 2),
    Venue("workshop", "Second Life Workshop", "repair", "Foundry Yard 4", "peaks", 1_200_000, ONE, 1_800, 15_000, 2),
    Venue("joinery", "True Edge Joinery", "repair", "Foundry Yard 7", "gable", 2_600_000, ONE, 2_400, 18_000, 1),
    Venue("print", "Millrace Print", "print", "Mill Lane 2", "pennants", 2_600_000, ONE, 900, 11_000, 3),
    Venue("books", "Open Door Books", "print", "Market Row 11", "shelves", 1_200_000, ONE, 900, 7_200, 3),
    Venue(
        "clinic", "Alder Clinic", "health", "Orchard Street 18", "moon", 3_400_000, ("Front desk",), 2_800, 12_500, 3
    ),
    Venue("laundry", "Clearwater Laundry", "laundry", "Weir Street 10", "waves", 1_200_000, ONE, 900, 6_200, 3),
    Venue("homes", "Gable Row Homes", "homes", "Gable Row 1", "roofs", 1_800_000, ("Office",), 6_000, 19_000, 1),
    Venue("farm", "Furrow Farm", "garden", "Furrow Farm, Long Field", "petals", 1_800_000, ("Stall",), 900, 5_600, 3),
)
# What it sells, and when it is open, as its stewards tell members.
TOLD = {
    "bakery": ("Bread, pastry, coffee", "Tue to Sat 6 to 14"),
    "mill": ("Flour, oats, feed", "Mon to Fri 8 to 17"),
    "grocery": ("Vegetables, milk, dry goods", "Mon to Sat 8 to 19"),
    "canteen": ("Lunch and supper", "every day 11:30 to 21"),
    "nursery": ("Day care from one to six years", "Mon to Fri 7 to 17"),
    "cycles": ("Bicycles, bike repair, trailers to borrow", "Mon to Sat 9 to 18"),
    "workshop": ("Repair of phones, tools and clothes", "Wed to Sat 10 to 18"),
    "joinery": ("Windows, tables, repair of furniture", "Mon to Fri 7 to 15:30"),
    "print": ("Posters, copies, binding", "Mon to Fri 9 to 18"),
    "books": ("Books new and used, school things", "Tue to Sat 10 to 18"),
    "clinic": ("General practice, teeth, eyes", "Mon to Fri 8 to 18"),
    "laundry": ("Washing, ironing, linen for homes", "Mon to Sat 7 to 20"),
    "homes": ("Flats and rooms, repairs in the house", "Thu 16 to 19"),
    "farm": ("Eggs, roots, weekly boxes", "Saturday market, 7 to 13"),
}
# What it owns, in cash, as the meetings of the twelfth month approved it for the first time.
DECLARED_IN = 11
OWNED = {
    "bakery": 1_800_000,
    "mill": 4_100_000,
    "grocery": 2_200_000,
    "canteen": 1_500_000,
    "nursery": 1_200_000,
    "cycles": 900_000,
    "workshop": 600_000,
    "joinery": 2_700_000,
    "print": 2_400_000,
    "books": 700_000,
    "clinic": 3_800_000,
    "laundry": 1_100_000,
    "homes": 6_400_000,
    "farm": 3_300_000,
}
# As many times each as people come.
VISITED = tuple(place for place in PLACES for _visit in range(place.visits))
BY_SLUG = {place.slug: place for place in PLACES}
# It joins the federation in the sixth month, with its people.
LATECOMER, ADMITTED_IN = "laundry", 5

# What co-ops bought at others' counters lately: days ago, at which minute; the last took a second steward.
BOUGHT = (
    (1, 11 * 60 + 20, "canteen", "farm", 9_600),
    (3, 10 * 60 + 5, "bakery", "mill", 18_400),
    (4, 15 * 60 + 40, "grocery", "bakery", 7_250),
    (12, 14 * 60 + 10, "bakery", "joinery", 74_000),
)
# Who buys from whom, month by month.
SUPPLIES = (
    ("bakery", "mill", 24_000),
    ("mill", "farm", 18_000),
    ("canteen", "grocery", 21_000),
    ("canteen", "bakery", 9_000),
    ("grocery", "farm", 26_000),
    ("books", "print", 8_500),
    ("homes", "joinery", 17_500),
    ("nursery", "canteen", 12_000),
    ("clinic", "print", 3_200),
    ("cycles", "workshop", 6_400),
)
