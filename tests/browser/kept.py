"""What a phone or tablet keeps for itself: a page writes it a moment after it is there, and is not left before."""

from time import monotonic

from playwright.sync_api import Page

# Seconds.
PATIENCE = 10

# Looks until the database is there and has something under a name.
KEPT = """async (name) => {
  const kept = () => new Promise((resolve) => {
    const opened = indexedDB.open("res-wallet");
    opened.onupgradeneeded = () => opened.transaction.abort();
    opened.onerror = () => resolve(undefined);
    opened.onsuccess = () => {
      const asked = opened.result.transaction("kept").objectStore("kept").get(name);
      asked.onsuccess = () => {
        opened.result.close();
        resolve(asked.result);
      };
    };
  });
  while (!Object.keys((await kept()) ?? {}).length) await new Promise((resolve) => setTimeout(resolve, 20));
}"""

# Tells whether the key is there by which a tablet checks the payments of a till.
KEY_OF = """(till) => new Promise((resolve) => {
    const opened = indexedDB.open("res-wallet");
    opened.onupgradeneeded = () => opened.transaction.abort();
    opened.onerror = () => resolve(false);
    opened.onsuccess = () => {
        const asked = opened.result.transaction("kept").objectStore("kept").get("till");
        asked.onsuccess = () => resolve(asked.result?.till === till, opened.result.close());
    };
})"""

# Gives the names of what is kept.
NAMES = """() => new Promise((resolve) => {
    const request = indexedDB.open("res-wallet");
    request.onsuccess = () => {
        const reading = request.result.transaction("kept").objectStore("kept").getAllKeys();
        reading.onsuccess = () => resolve([...reading.result], request.result.close());
    };
})"""

# Looks until what is kept under a name is gone, and gives the names of what is left.
LEFT = f"""async (name) => {{
    const names = {NAMES};
    const patience = Date.now() + 10_000;
    while ((await names()).includes(name) && Date.now() < patience) await new Promise((go) => setTimeout(go, 50));
    return names();
}}"""

# Loses requests to open the database, those of which `%s` is true by their number: none is answered.
LOST = """(() => {
  let asked = 0;
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (...given) {
    asked += 1;
    return (%s) ? {} : open.apply(this, given);
  };
})()"""
NEVER_ANSWERED = LOST % "true"

# Looks until `%s` is so of what the phone keeps of its code.
SAYS = """() => new Promise((resolve) => {
    const request = indexedDB.open("res-wallet");
    request.onsuccess = () => {
        const look = () => {
            const asked = request.result.transaction("kept").objectStore("kept").get("phone");
            asked.onsuccess = () => (%s ? resolve(request.result.close()) : setTimeout(look, 20));
        };
        look();
    };
})"""
FROZEN = SAYS % "asked.result?.frozen"
THAWED = SAYS % "asked.result && !asked.result.frozen"


def wait_until_kept(page: Page, name: str) -> None:
    """Wait until something is kept under this name."""
    page.evaluate(KEPT, name)


def wait_until_key_is_kept(page: Page, till: str) -> None:
    """Wait until a tablet has the key of this till, also where it has that of another."""
    until = monotonic() + PATIENCE
    while not page.evaluate(KEY_OF, till):
        assert monotonic() < until, f"the key of {till} is not kept"
        page.wait_for_timeout(50)
