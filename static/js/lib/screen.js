// Keeps an element showing what the server's page shows: that page's markup is the one description of a screen.

/** Read pages for `element`, one at a time, so that no hint overtakes a press; `shown` is told of each. */
export class Screen {
  #element;
  #shown;
  #going = null;
  #again = false;
  #reading = null;

  constructor(element, shown) {
    this.#element = element;
    this.#shown = shown;
  }

  /** Show the page at `url`; `remember` is the call of `history` that keeps its address. */
  visit(url, remember = "pushState") {
    this.#going = { url, remember };
    return this.refresh();
  }

  /** Read the page anew; what is asked for while a read is under way is read right after it. */
  refresh() {
    this.#again = true;
    this.#reading ??= this.#read().finally(() => { this.#reading = null; });
    return this.#reading;
  }

  async #read() {
    while (this.#again) {
      this.#again = false;
      const { url, remember } = this.#going ?? { url: location.href, remember: null };
      this.#going = null;
      let response;
      let page;
      try {
        response = await fetch(url, { headers: { Accept: "text/html" }, cache: "no-store" });
        page = new DOMParser().parseFromString(await response.text(), "text/html");
      } catch {
        continue; // No network: what is shown stays, and the next hint or return tries again.
      }
      const fresh = page.querySelector(this.#element.localName);
      // A server or a gateway in trouble says nothing about the screen.
      if (!fresh && response.status >= 500) continue;
      // Not there for us any more, for instance after signing out elsewhere. What was pressed and is not answered yet
      // ends on a page of its own, which knows more.
      if (!fresh && this.#element.busy) continue;
      if (!fresh) return location.assign(url);
      if (remember && url !== location.href) history[remember](null, "", url);
      document.title = page.title;
      document.body.className = page.body.className;
      this.#shown(swap(this.#element, fresh));
    }
  }
}

/**
 * Make `root` show what `fresh` shows. While the same thing is in front (data-front), only the parts whose data-stamp
 * differs are exchanged, so that nothing typed is lost. Tells whether something else came to the front.
 */
function swap(root, fresh) {
  const turned = root.dataset.front !== fresh.dataset.front;
  if (turned) {
    root.replaceChildren(...fresh.childNodes);
  } else {
    for (const part of fresh.querySelectorAll("[data-stamp]")) {
      const old = root.querySelector(`[data-stamp][data-part="${part.dataset.part}"]`);
      if (old && old.dataset.stamp !== part.dataset.stamp) old.replaceWith(part);
    }
  }
  for (const [name, value] of Object.entries(fresh.dataset)) {
    if (root.dataset[name] !== value) root.dataset[name] = value;
  }
  return turned;
}
