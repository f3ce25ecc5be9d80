"""Text that would run as a script where a page takes it for markup, and a watch that notices when one does."""

from dataclasses import dataclass, field

from jinja2 import Environment
from playwright.sync_api import BrowserContext, Error, Page

# What a template engine would make of the sum below.
SUM, SUMMED = "{{9199*9199}}", "84621601"

# Each fits into a note and, as far as it holds only what can be seen, is a name that the wallet takes.
PAYLOADS = (
    "A</script><script>ran()</script>",
    "A\"'><img src=x onerror=ran()>",
    "A</title></textarea><svg onload=ran()>",
    'A" onfocus=ran() autofocus x="',
    "A' onfocus=ran() autofocus x='",
    "javascript:ran()",
    f"A';ran();'${{ran()}}{SUM}",
    "A<a href=javascript:ran()>x</a>",
    "A<iframe src=javascript:parent.ran()>",
    # Escaped already, for whoever puts the text of a page into a page as markup.
    "A&lt;img src=x onerror=ran()&gt;",
    # With a run of letters turned around, and with one that cannot be seen.
    "A\u202e<details open ontoggle=ran()>",
    "A\x00<img src=x onerror=ran()>",
)
# As markup, in attributes, in addresses, as a template; then in scripts, and as markup made of a text: no page of ours
# does any of it.
MARKUP = """<!doctype html><meta charset="utf-8"><title>%(text)s</title>
<p>%(text)s</p><input value="%(text)s"><input value='%(text)s'><a href="%(text)s">there</a>
<textarea>%(text)s</textarea>"""
SCRIPTS = """<script>const one = '%(text)s';</script><script>const two = `%(text)s`;</script>
<script>document.body.insertAdjacentHTML("beforeend", document.querySelector("p").textContent)</script>"""

NOTICE_BLOCKED = """addEventListener("securitypolicyviolation", (event) => {
    blocked(`${event.effectiveDirective} ${event.blockedURI} at ${location.pathname}`);
});"""
# What a payload leaves behind when it was taken for markup, whether or not it ran.
TRACES = """() => [
    ...document.querySelectorAll(
        "[onerror],[onload],[onfocus],[ontoggle],img[src=x],iframe,details[open][ontoggle],script:not([src])"),
    ...[...document.querySelectorAll("[href],[src],[action],[formaction]")].filter((node) =>
        ["href", "src", "action", "formaction"].some((name) =>
            /^[\\s\\0]*(javascript|vbscript|data:text)/i.test(node.getAttribute(name) ?? ""))),
].map((node) => node.outerHTML.slice(0, 120)).concat(
    document.documentElement.outerHTML.includes("SUMMED") ? ["a sum was done"] : [])""".replace("SUMMED", SUMMED)
# A page that goes on by itself is looked at where it went.
TRIES = 3


@dataclass(slots=True)
class Watch:
    """Note which pages ran a script of a payload, or had one stopped by the content policy."""

    ran: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    traces: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch everything that is opened in `context`."""
        context.expose_function("ran", lambda: self.ran.append(context.pages[-1].url))
        context.expose_function("blocked", lambda what: self.blocked.append(what))
        context.add_init_script(NOTICE_BLOCKED)

    def look(self, page: Page) -> None:
        """Look at the page that is open now."""
        for left in reversed(range(TRIES)):
            page.wait_for_load_state()
            try:
                self.traces += [f"{page.url}: {trace}" for trace in page.evaluate(TRACES)]
                return
            except Error:
                if left == 0:
                    raise

    def found(self) -> list[str]:
        """List whatever was noticed."""
        return [f"ran at {url}" for url in self.ran] + [f"blocked: {what}" for what in self.blocked] + self.traces


def careless(text: str, page: str = MARKUP + SCRIPTS) -> str:
    """Write a page that takes `text` for markup, for script and for a template of its own."""
    written: str = Environment(autoescape=False).from_string(page % {"text": text}).render()
    return written
