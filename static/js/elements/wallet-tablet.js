// <wallet-tablet data-idle data-awake data-key>: locks a shared tablet that nobody touches, tells the server when somebody
// does, and keeps what the tablet needs to check payments when it is cut off. Locking covers the page at once, be it the till's
// or one beside it, and asks the server until it answers.

import { get, post, Refused, sendForm } from "../lib/api.js";
import { ServerClock } from "../lib/device.js";
import { isLocked, noteLocked } from "../lib/locked.js";
import { keepTill, lines, noteTaken } from "../lib/outage.js";
import { remaining } from "../lib/remaining.js";
import { settle } from "../lib/settle.js";

const TELL_EVERY_MS = 30_000;
const LOOK_MS = 1_000;
const OUTCOME_MS = 10_000;
const LOCK_AGAIN_MS = 5_000;
const TOUCHES = ["pointerdown", "keydown"];

class WalletTablet extends HTMLElement {
  connectedCallback() {
    this.toldAt = performance.now();
    this.left = remaining(this.idleMs);
    this.cutOffAt = 0;
    this.patience = null;
    for (const touch of TOUCHES) document.addEventListener(touch, this.touched, { passive: true });
    this.looking = setInterval(() => this.look(), LOOK_MS);
    document.addEventListener("visibilitychange", this.woken);
    addEventListener("offline", this.cutOff);
    addEventListener("online", this.connected);
    document.addEventListener("unreached", this.cutOff);
    document.addEventListener("reached", this.reached);
    document.addEventListener("submit", this.submitted);
    if (isLocked()) return this.lock();
    if (this.till) this.followTakings();
    // The till's own page has told the server; of any other, one that was read anew by its script is nobody's touch.
    else if (performance.getEntriesByType("navigation")[0]?.type !== "reload") this.tell();
    this.prepare();
  }

  /** Without a network there is no till: what is left is to check payments by their digits. */
  cutOff = () => {
    this.cutOffAt = performance.now();
    this.patience ??= remaining(this.idleMs);
    this.querySelector("[data-cut-off]").hidden = false;
  };

  /** A browser that says "online" need not reach the server: its answer takes the word back. */
  connected = () => this.prepare();

  /** The shop's line may be down behind a network that the browser takes for a connection: the till's own looks tell. */
  reached = () => {
    if (!this.querySelector("[data-cut-off]").hidden) this.prepare();
  };

  get till() {
    return document.querySelector("wallet-till");
  }

  followTakings() {
    this.takings = new MutationObserver(() => this.noteTakings());
    this.takings.observe(this.till, { attributeFilter: ["data-taken"] });
    this.noteTakings();
  }

  noteTakings() {
    noteTaken(this.till.dataset.taken.split(" ").filter(Boolean)).catch(() => {}); // A browser that keeps nothing checks nothing.
  }

  async prepare() {
    try {
      await this.keepKey();
      await new ServerClock().measure("/time");
      await settle();
      this.querySelector("[data-unconfirmed]").hidden = (await lines()).every(({ receipt }) => receipt);
    } catch {
      // No network, or a browser that keeps nothing: the till works all the same.
    }
  }

  /** The key of the till is a new one when somebody who knew it is gone. */
  async keepKey() {
    const askedAt = performance.now();
    const { body } = await get(this.dataset.key);
    // What was asked before the cut says nothing of what came after it.
    if (askedAt >= this.cutOffAt) {
      this.querySelector("[data-cut-off]").hidden = true;
      this.patience = null;
    }
    if (body.key) await keepTill(body);
  }

  disconnectedCallback() {
    this.rest();
    removeEventListener("offline", this.cutOff);
    removeEventListener("online", this.connected);
    document.removeEventListener("unreached", this.cutOff);
    document.removeEventListener("reached", this.reached);
    removeEventListener("online", this.askToLock);
    clearTimeout(this.asking);
    document.removeEventListener("submit", this.submitted);
  }

  rest() {
    for (const touch of TOUCHES) document.removeEventListener(touch, this.touched);
    document.removeEventListener("visibilitychange", this.woken);
    clearInterval(this.looking);
    clearTimeout(this.telling);
    this.takings?.disconnect();
  }

  touched = () => {
    // A hand may be quicker than the look.
    if (this.look()) return;
    this.left = remaining(this.idleMs);
    // The last touch of a while counts as well: the server would lock what is looked at here.
    this.telling ??= setTimeout(() => this.tell(), Math.max(0, this.toldAt + TELL_EVERY_MS - performance.now()));
  };

  tell() {
    this.telling = null;
    this.toldAt = performance.now();
    post(this.dataset.awake).then(() => this.keepKey()).catch((trouble) => {
      // Whoever is signed in to a wallet beside it may not know this till.
      if (trouble instanceof Refused && [401, 404].includes(trouble.status)) this.lock();
    });
  }

  /** How long nobody may touch the till. */
  get idleMs() {
    return Number(this.dataset.idle) * 1000;
  }

  woken = () => {
    if (!document.hidden) this.look();
  };

  /** Lock a tablet that was left alone for too long; tells whether it was. */
  look() {
    // A bill that waits is the member's to pay, a refund a steward's to approve: its screen is left alone, and there is time to
    // see what became of it; not for longer than a till may be left alone where the server, which would tell, cannot be heard.
    const waits = document.querySelector('wallet-till[data-waits="1"], wallet-fresh[data-is="waiting"]');
    if (waits && this.patience?.() !== 0) this.left = remaining(Math.max(this.left(), OUTCOME_MS));
    if (this.left() > 0) return false;
    this.lock();
    return true;
  }

  /** The button that locks does what a tablet does by itself. */
  submitted = (event) => {
    if ((event.submitter?.formAction || event.target.action) !== this.form.action) return;
    event.preventDefault();
    this.lock();
  };

  get form() {
    return this.querySelector("form");
  }

  /** Take away what the page shows, keys that charge above all, and lock it at the server: at once, or once there is a network. */
  lock() {
    if (this.isCovered) return;
    this.isCovered = true;
    noteLocked(true);
    this.rest();
    // What a till has sent may be answered yet: one that is busy leads to no page of its own.
    if (this.till) this.till.busy = true;
    for (const part of document.querySelectorAll("body > :not(wallet-tablet, wallet-pwa)")) part.remove();
    document.body.className = "app";
    const cover = this.querySelector("[data-locked]");
    cover.hidden = false;
    cover.querySelector("h1").focus();
    addEventListener("online", this.askToLock);
    this.askToLock();
  }

  askToLock = async () => {
    clearTimeout(this.asking);
    const answer = await sendForm(this.form).catch(() => null);
    // Any other answer is not the server's own, or it could not lock: asked again, it does so once.
    if (answer?.redirected) {
      noteLocked(false);
      return location.replace(answer.url);
    }
    this.querySelector("[data-unsent]").hidden = false;
    this.cutOff();
    this.asking = setTimeout(this.askToLock, LOCK_AGAIN_MS);
  };
}

customElements.define("wallet-tablet", WalletTablet);
