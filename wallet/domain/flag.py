"""Flags: patterns of trade and work at which people should look. None of them stops anything, and none is a score."""

from datetime import timedelta

# What comes back to a payer from the payee's members within so long.
BACK_WITHIN = timedelta(hours=72)
# Flows are looked at over so many days.
LOOKED_AT = timedelta(days=90)
# The part of a member's basis at one co-op above which it is flagged, in percent.
ONE_COOP_PERCENT = 60
# Paid hours of a month are looked at for this month and so many before it.
MONTHS_BEFORE = 2
