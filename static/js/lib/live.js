// Watches something that changes on the server: an event stream while one can be had, with a look beside it now and then,
// polling while not, and in any case a fresh look when the screen comes back to the front. A hint carries no data:
// `changed` reads the truth anew, and is called again by the next look where it could not.

const POLL_MS = 1_500;
const POLL_AFTER_TROUBLE_MS = 5_000;
const GIVE_UP_AFTER = 2;
const TRY_STREAM_AGAIN_MS = 30_000;
const LOOK_BESIDE_MS = 10_000;
// Signed out meanwhile, or no longer one's own to see: news as well.
export const REFUSED = [401, 403, 404];

/**
 * Call `changed` whenever there may be something new; it promises false where it could not read what. `events` is the
 * address of the stream, `state` one whose JSON tells by its `rev` (or by any difference) that something changed; `reached`
 * is told whether the server answers. Gives a function that ends the watching.
 */
export function watch(events, state, changed, reached = () => {}) {
  const watcher = new Watcher(events, state, changed, reached);
  watcher.start();
  return () => watcher.stop();
}

class Watcher {
  #events;
  #state;
  #changed;
  #reached;
  #source = null;
  #timer = null;
  #seen = null;
  #told = false;
  #streamAgainAt = 0;
  #ended = false;
  #listeners = new AbortController();

  constructor(events, state, changed, reached) {
    this.#events = events;
    this.#state = state;
    this.#changed = changed;
    this.#reached = reached;
  }

  start() {
    const { signal } = this.#listeners;
    // Phones cut the connection of a hidden page without a word, and the stream still calls itself open.
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#rest() : this.#wake()), { signal });
    addEventListener("pageshow", (event) => event.persisted && this.#wake(), { signal });
    addEventListener("pagehide", () => this.#rest(), { signal });
    addEventListener("online", () => document.hidden || this.#wake(), { signal });
    addEventListener("offline", () => this.#reached(false), { signal });
    if (!document.hidden) this.#connect();
  }

  stop() {
    this.#ended = true;
    this.#listeners.abort();
    this.#rest();
  }

  #wake() {
    this.#rest();
    this.#connect();
    this.#tell();
  }

  async #tell() {
    // What could not be read is news to the next look as well.
    if ((await this.#changed()) === false) this.#seen = null;
  }

  #rest() {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  #connect() {
    if (this.#ended) return;
    if (!this.#events || !("EventSource" in window) || Date.now() < this.#streamAgainAt) {
      this.#poll();
      return;
    }
    const source = new EventSource(this.#events);
    this.#source = source;
    let failures = 0;
    source.onopen = () => {
      failures = 0;
      this.#reached(true);
    };
    source.onmessage = () => {
      this.#told = true;
      this.#tell();
    };
    source.onerror = () => {
      if (this.#source !== source) return;
      // A dropped stream is opened again by the browser; one that was refused (full, signed out) is not, and one that
      // does not come back is given up for a while.
      failures += 1;
      if (source.readyState !== EventSource.CLOSED && failures < GIVE_UP_AFTER) return;
      this.#giveUp();
    };
    this.#timer = setTimeout(() => this.#lookBeside(source), LOOK_BESIDE_MS);
  }

  #giveUp() {
    this.#streamAgainAt = Date.now() + TRY_STREAM_AGAIN_MS;
    this.#rest();
    this.#poll();
  }

  /** A stream whose line is dead, or that is held back on the way, calls itself open: it is one that missed something. */
  async #lookBeside(source) {
    const before = this.#seen;
    await this.#look();
    if (this.#source !== source) return;
    const missed = before !== null && before !== this.#seen && !this.#told;
    this.#told = false;
    if (missed) this.#giveUp();
    else this.#timer = setTimeout(() => this.#lookBeside(source), LOOK_BESIDE_MS);
  }

  async #poll() {
    if (!this.#state) return;
    const wait = (await this.#look()) ? POLL_MS : POLL_AFTER_TROUBLE_MS;
    if (this.#ended || document.hidden || this.#source) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), wait);
  }

  async #look() {
    try {
      const init = { headers: { Accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(10_000) };
      const response = await fetch(this.#state, init);
      const isOurs = response.headers.get("Content-Type")?.startsWith("application/problem+json");
      const refused = isOurs && REFUSED.includes(response.status);
      this.#reached(response.ok || refused);
      if (!response.ok && !refused) return false;
      const text = await response.text();
      const seen = refused ? `refused ${response.status}` : String(JSON.parse(text).rev ?? text);
      // The first look counts as well, as a stream's first event does: something may have changed since the page was made.
      if (this.#seen !== seen) this.#tell();
      this.#seen = seen;
      return !refused;
    } catch {
      this.#reached(false);
      return false; // No network: the next look tells.
    }
  }
}
