"""Where to spend: the places by need, what a search finds or does not, and one place."""

from tests.browser.screens.screen import BAKERY, Screen, at

SCREENS = (
    Screen("places", at("/places"), "Where to spend", 'nav[aria-label="Need"] a', "ul.rows li"),
    Screen("places-food", at("/places?need=food"), "Where to spend", 'nav[aria-label="Need"] a', "ul.rows li"),
    Screen("places-none", at("/places?q=zebra"), "Where to spend", ".card .link"),
    Screen("place", at("/places/bakery"), BAKERY, ".topbar .icon-button", "dl.facts div"),
    Screen("growth", at("/growth"), "How the federation grows", ".card-head a", "ul.needs li"),
    Screen("place-own", at("/places/mill"), "Weir Mill", ".topbar .icon-button", "dl.facts div"),
)
