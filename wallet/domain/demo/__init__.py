"""The demo federation: Alder Valley, its places and people, and a year of their payments. Nobody in it is real."""
