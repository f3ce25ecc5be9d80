// Keeps an element showing what the server's page shows: that page's markup is the one description of a screen.

import { PATIENCE_MS } from "./api.js";
import { watch } from "./live.js";
import { tellReached } from "./reach.js";

const LOOK_AGAIN_MS = 10_000;

/** Read pages for `element`, one at a time, so that no hint overtakes a press; `shown` is told of each. */
export class Screen {
  #element;
  #shown;
  #going = null;
  #again = false;
  #reading = null;
  #reader = null;
  #version;

  constructor(element, shown) {
    this.#element = element;
    this.#shown = shown;
    this.#version = element.dataset.version;
  }

  /** After an upgrade the page that is shown is the new version's: load it whole, with the scripts and styles that it wants. */
  renew() {
    if (this.#element.dataset.version !== this.#version) location.reload();
  }

  /**
   * Show the page at `url`, which is read unless its `html` is there already; `remember` is the call of `history` that
   * keeps its address. Without an answer it is tried again by the next `refresh`.
   */
  visit(url, remember = "pushState", html = null) {
    this.#going = { url, remember, html };
    // What a hint asked for keeps nobody waiting who goes on.
    this.#reader?.abort();
    return this.refresh();
  }

  /** Follow what happens until `signal` says so: hints by `events` or `state`, Back, and a page that could not be read yet. */
  follow(events, state, signal) {
    const unreached = document.querySelector("[data-unreached]");
    const unwatch = watch(events, state, () => this.refresh(), (isReached) => {
      unreached?.toggleAttribute("hidden", isReached);
      tellReached(this.#element, isReached);
    });
    const looking = setInterval(() => this.isGoing && !document.hidden && this.refresh(), LOOK_AGAIN_MS);
    addEventListener("popstate", () => this.visit(location.href, null), { signal });
    addEventListener("online", () => this.isGoing && this.refresh(), { signal });
    signal.addEventListener("abort", () => {
      clearInterval(looking);
      unwatch();
    });
  }

  /** Is there a page to which nobody could go yet? */
  get isGoing() {
    return this.#going !== null;
  }

  /** Read the page anew; what is asked for meanwhile is read right after. Promises false when no answer came. */
  refresh() {
    this.#again = true;
    this.#reading ??= this.#read().finally(() => { this.#reading = null; });
    return this.#reading;
  }

  async #read() {
    let answered = true;
    while (this.#again) {
      this.#again = false;
      const going = this.#going;
      const { url, remember, html } = going ?? { url: location.href, remember: null, html: null };
      this.#going = null;
      const reader = new AbortController();
      this.#reader = going ? null : reader;
      const text = html ?? (await textAt(url, reader));
      this.#reader = null;
      const page = text ? new DOMParser().parseFromString(text, "text/html") : null;
      // Each page of ours has this part; any other comes from a network that lets nobody through.
      answered = Boolean(page?.querySelector("wallet-pwa"));
      if (!answered) {
        this.#going ??= going;
        continue;
      }
      const fresh = page.querySelector(this.#element.localName);
      // Not there for us any more, for instance after signing out elsewhere. What was pressed and is not answered yet
      // ends on a page of its own, which knows more.
      if (!fresh && this.#element.busy) continue;
      if (!fresh) return location.assign(url);
      if (remember && url !== location.href) history[remember](null, "", url);
      document.title = page.title;
      document.body.className = page.body.className;
      this.#shown(swap(this.#element, fresh));
    }
    return answered;
  }
}

/**
 * Read the page at `url` by `reader`, which may break it off. Without network, with a server or gateway in trouble, or with
 * none that answers, null: what is shown stays till the next try.
 */
async function textAt(url, reader) {
  const late = setTimeout(() => reader.abort(), PATIENCE_MS);
  try {
    const response = await fetch(url, { headers: { Accept: "text/html" }, cache: "no-store", signal: reader.signal });
    return response.status < 500 ? await response.text() : null;
  } catch {
    return null;
  } finally {
    clearTimeout(late);
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
      if (!old || old.dataset.stamp === part.dataset.stamp) continue;
      const held = old.contains(document.activeElement) && document.activeElement;
      old.replaceWith(part);
      // Who was in this part stays in it, instead of at the top of the page.
      if (held) placeOf(held, part)?.focus({ preventScroll: true });
    }
  }
  for (const [name, value] of Object.entries(fresh.dataset)) {
    if (root.dataset[name] !== value) root.dataset[name] = value;
  }
  return turned;
}

/** Give what stands in `part` where `held` stood in the one before it. */
function placeOf(held, part) {
  const address = held.getAttribute("href");
  const same = address && part.querySelector(`a[href="${CSS.escape(address)}"]`);
  return same || part.querySelector("[data-focus]") || part.querySelector("a");
}
