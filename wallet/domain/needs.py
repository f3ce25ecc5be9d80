"""The twelve needs by which members look for a place to spend; one that no co-op serves yet is work to do."""

from wallet.i18n import N_

# The need of a co-op that serves none of the twelve.
OTHER = "other"
# In the order in which they are shown.
NEEDS: dict[str, str] = {
    "food": N_("Food"),
    "children": N_("Children"),
    "transport": N_("Getting about"),
    "repair": N_("Repairs"),
    "print": N_("Print and books"),
    "health": N_("Health"),
    "laundry": N_("Laundry"),
    "homes": N_("Homes"),
    "garden": N_("Garden"),
    "clothes": N_("Clothes"),
    "net": N_("Phones and net"),
    "elders": N_("Care for elders"),
}
