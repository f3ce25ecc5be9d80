"""Thin blueprints: parse, one service call, answer."""
