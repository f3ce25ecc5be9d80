"""The rules, pure: no database, no web, no clock."""
