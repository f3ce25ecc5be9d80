// <wallet-till>: keeps a till's screen on the truth. It sends the forms without leaving the page, reads the screen anew
// after every hint, shows what was paid, and goes on to the next sale.

import "./wallet-keypad.js";
import { Ahead, pressedEarly } from "../lib/ahead.js";
import { post, Refused } from "../lib/api.js";
import { Charging } from "../lib/charging.js";
import { fieldsOf, tell, unsay, warn } from "../lib/saying.js";
import { Screen } from "../lib/screen.js";
import { hideSeen, report, see } from "../lib/seen.js";
import { noteShown } from "../lib/shown.js";
import { playPaid, unlock } from "../lib/sound.js";
import { holdStill } from "../lib/still.js";
import { keepAwake } from "../lib/wakelock.js";
import { isRefused, weigh } from "../lib/weigh.js";

const PAID_STAYS_MS = 6_000;

class WalletTill extends HTMLElement {
  #gone = new AbortController();

  connectedCallback() {
    const { signal } = this.#gone;
    // A refusal that the server itself wrote stands at the address of the form, which cannot be read anew.
    const here = new URL(this.dataset.url, location.href);
    if (location.pathname !== here.pathname) history.replaceState(null, "", here);
    this.ahead = new Ahead(() => this.next());
    this.paid = new Set(this.dataset.paid.split(" "));
    this.screen = new Screen(this, (turned) => this.settle(turned));
    this.charging = new Charging(this);
    this.addEventListener("submit", this.submitted);
    this.addEventListener("click", this.clicked);
    this.addEventListener("ranout", () => this.screen.refresh());
    this.addEventListener("handscanned", ({ detail }) => this.scan(this.fields, detail));
    this.addEventListener("typed", () => this.weigh());
    this.addEventListener("read", ({ detail }) => this.charge(detail.fields, detail.token));
    document.addEventListener("keydown", this.typed, { signal });
    for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, unlock, { signal });
    this.screen.follow(this.dataset.events, this.dataset.look, signal);
    this.settle(true, true);
    this.charging.resume();
    for (const early of pressedEarly()) this.press(early);
    this.setAttribute("aria-busy", String(Boolean(this.busy)));
  }

  /** A tablet that locks takes its till away. */
  disconnectedCallback() {
    this.#gone.abort();
    clearInterval(this.leaving);
    keepAwake(false);
  }

  /** Do what was pressed before there was a script: what was typed is a hand scanner's, perhaps. */
  press({ key, event }) {
    const keypad = this.querySelector("wallet-keypad");
    if (event.type === "keydown") (keypad ?? this.ahead).type(event, this.isOver);
    else if (key === "scan") this.scan(this.fields);
    else keypad.press(key);
  }

  /** Is the sale in front over, so that a digit begins the next? */
  get isOver() {
    return ["paid", "ended"].includes(this.dataset.screen);
  }

  /** What is charged with a member's code: what the camera was opened for, while it is, or what is typed at the keypad. */
  get fields() {
    const { dialog, fields } = this.querySelector("wallet-till-scan");
    return dialog?.open ? fields : fieldsOf(this.querySelector("wallet-keypad").form);
  }

  address(query = {}) {
    return Object.assign(new URL(this.dataset.url, location.href), { search: new URLSearchParams(query) }).href;
  }

  settle(turned, first = false) {
    keepAwake(this.dataset.waits === "1");
    const [screen, code] = this.dataset.front.split(":");
    if (screen === "paid" || screen === "ended") see(code);
    hideSeen(this.querySelector("[data-part=parked]"));
    report(this, turned);
    if (Number(this.dataset.waiting) < Number(this.dataset.most)) unsay(this, this.dataset.full);
    noteShown(this.dataset.till, this.dataset.shift, this.dataset.shown.split(" "));
    const before = this.paid;
    this.paid = new Set(this.dataset.paid.split(" "));
    if ([...this.paid].some((ref) => !before.has(ref))) playPaid();
    const keypad = this.querySelector("wallet-keypad");
    // A hint may have been shown on the way.
    const keys = keypad || !this.screen.isGoing ? this.ahead.arrive() : [];
    if (!turned) return;
    clearInterval(this.leaving);
    // It goes by itself, but not under the hands of who tabs through its links.
    if (screen === "paid") this.leaving = setInterval(() => this.querySelector("a:focus-visible") ?? this.next(), PAID_STAYS_MS);
    if (!first) {
      holdStill(this.querySelectorAll("[data-send=cancel]"));
      this.querySelector("[data-focus]")?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    // Between two sales nothing is lost by a page that is loaded anew, nor anything sent that was lost.
    if (keypad && !keys.length && !this.charging.lost) this.screen.renew();
    if (keypad) this.charging.say();
    for (const key of keys) keypad?.press(key);
  }

  next() {
    this.ahead.leave();
    return this.screen.visit(this.address(), "replaceState");
  }

  submitted = (event) => {
    const form = event.target;
    if (form.method !== "post" || event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    if (form.dataset.send === "cancel") return this.cancel(form.action);
    const fields = fieldsOf(form);
    if (isRefused(this, fields)) return;
    if (Number(this.dataset.waiting) >= Number(this.dataset.most)) return this.say(this.dataset.full);
    this.charging.send(form.action, fields);
  };

  /** Show what was made, the page that came with the answer. Its address is the one kept: the keypad must not offer it again. */
  async land({ body, address }) {
    const url = new URL(address, location.href).href;
    await this.screen.visit(url, "pushState", body);
    if (location.href !== url) location.assign(url);
    this.wait(false);
  }

  /** Cancel the bill in front, and go on; a late answer is none for what has come to the front meanwhile. */
  async cancel(url) {
    const [, code] = this.dataset.front.split(":");
    const isInFront = () => this.dataset.front.endsWith(`:${code}`);
    try {
      await post(url);
      if (isInFront()) await this.next();
      tell(this.dataset.cancelled);
    } catch (trouble) {
      await this.screen.refresh(); // Paid meanwhile, perhaps: the screen says how the bill stands.
      const isWaiting = this.dataset.screen === "waiting" && isInFront();
      if (isWaiting) this.say(trouble instanceof Refused ? trouble.title : this.dataset.unanswered);
    }
  }

  /** Open the camera, or charge the member whose code a hand scanner has typed. */
  async scan(fields, token = null) {
    if (this.busy || isRefused(this, fields)) return;
    if (fields.sale) return this.say(this.dataset.correcting);
    // What a hand holds before the scanner need not be held before the camera.
    this.querySelector("dialog")?.close();
    if (token) return this.charge(fields, token);
    this.say("");
    await customElements.whenDefined("wallet-till-scan");
    this.querySelector("wallet-till-scan")?.open(fields);
  }

  charge(fields, token) {
    this.charging.send(`${this.dataset.url}/scans`, { ...fields, token });
  }

  /** What was said of another sum holds no more, nor what was offered for it; who begins the sum anew has read it. */
  weigh() {
    const { entry } = this.querySelector("wallet-keypad");
    if (this.again || !entry.total) this.say("");
    weigh(this, entry);
  }

  wait(busy) {
    this.busy = busy;
    this.setAttribute("aria-busy", String(busy));
    this.say("");
  }

  say(sentence, again = false) {
    this.again = again;
    this.toggleAttribute("data-looks", sentence === this.dataset.unansweredScan);
    warn(this, sentence, again);
  }

  clicked = (event) => {
    if (event.target.closest("[data-again]")) return this.scan({ ...this.fields, confirm: true });
    if (event.target.closest("[data-scan]")) return this.scan(this.fields);
    // A tablet has no digits on the paid screen: a touch anywhere on it does as well.
    if (this.dataset.screen === "paid" && event.target.closest("main") && !event.target.closest("a")) return this.next();
    const link = event.target.closest("a[data-visit]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.closest("[data-part=wrong]")) this.charging.drop();
    // What is typed on the way is for the screen that was asked for, and no time of this one's leads elsewhere.
    clearInterval(this.leaving);
    this.ahead.leave();
    this.screen.visit(link.href);
  };

  typed = (event) => this.dataset.screen !== "register" && this.ahead.type(event, this.isOver);
}

customElements.define("wallet-till", WalletTill);
