"""Waiting for a page's script, which comes after the page: until then a form sends itself and nobody locks or notes."""

from playwright.sync_api import Page


def run_by(page: Page, element: str) -> None:
    """Wait until the script of `element` runs on a page."""
    page.wait_for_function("(name) => customElements.get(name)", arg=element)
