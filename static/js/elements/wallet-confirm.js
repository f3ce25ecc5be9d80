/**
 * <wallet-confirm data-code data-left data-events>: the sheet on which a bill is paid; without a code, RES is sent.
 *
 * Above what a session alone may pay, a passkey proves just this payment; what is said without one is in data-unproved.
 * Sends the form's fields once however often it is pressed, and when the answer is lost asks again with the same key until
 * it knows, or until one is signed out, when nobody tells of a gift any more. Of a bill it also tells the till that somebody
 * looks, and counts its time down; there the server's page, which comes with the answer or is read anew, is always the last
 * word.
 */
import { get, post, Refused } from "../lib/api.js";
import { watch } from "../lib/live.js";
import { turnTo } from "../lib/page.js";
import { canUsePasskeys, prove } from "../lib/passkey.js";
import { remaining } from "../lib/remaining.js";
import { fill, minutes, showState } from "../lib/states.js";
import { holdStill } from "../lib/still.js";

const CLAIM_MS = 20_000;
// How long nothing is said of an answer that does not come.
const DOUBT_MS = 3_000;
// How long whoever does not pay waits for a claim that is under way.
const CLAIM_PATIENCE_MS = 2_000;
// How long a bill that has run out is left alone after it was looked at.
const LOOK_AGAIN_MS = 3_000;
// Refusals that the page itself explains, with what to do next; and one that a page of an earlier version meets.
const READ_ANEW = /^(bad_form|bill_.*|unknown_bill|insufficient_funds|account_not_open|not_signed_in)$/;

class WalletConfirm extends HTMLElement {
  #timers = [];
  #unwatch;
  #left;
  #looked = -Infinity;
  #asked = 0;
  #busy = false;
  #lost = false;
  #claiming = null;

  connectedCallback() {
    const { code, left } = this.dataset;
    this.form = this.querySelector('form[data-act="pay"]');
    this.addEventListener("submit", this);
    this.addEventListener("click", this);
    if (!code) return;
    this.address = `/b/${encodeURIComponent(code)}`;
    this.#left = remaining(Number(left) * 1000);
    this.#unwatch = watch(this.dataset.events, this.address, () => this.#look());
    this.#timers.push(setInterval(() => this.#count(), 500));
    if (!this.form) return;
    this.#claim();
    this.#timers.push(setInterval(() => this.#claim(), CLAIM_MS));
  }

  disconnectedCallback() {
    this.#rest();
  }

  handleEvent(event) {
    // A form that waits for a passkey goes nowhere yet.
    if (event.defaultPrevented) return;
    if (event.type === "submit" && event.target === this.form) {
      event.preventDefault();
      this.#pay();
    } else if (event.type === "submit" && this.#claiming) {
      event.preventDefault();
      this.#leave(event.target);
    } else if (event.type === "submit") {
      // On the way out: reading the page anew would call the way back.
      this.#rest();
    } else if (event.target.closest('[data-act="confirm"]')) {
      this.#pay(true);
    }
  }

  /** A notice to the till, never a lock: it may fail without harm. */
  #claim() {
    if (document.hidden || this.#busy) return;
    const { drawn_for } = Object.fromEntries(new FormData(this.form));
    this.#claiming = post(`${this.address}/claim`, { drawn_for }).catch(() => {});
  }

  /** Send the form that declines, behind the claim: one that came after it would say at the till that somebody confirms. */
  async #leave(form) {
    if (this.#busy) return;
    this.#busy = true;
    this.#rest();
    this.#wait();
    addEventListener("pageshow", (event) => event.persisted && this.#reread(), { once: true });
    await Promise.race([this.#claiming, new Promise((done) => setTimeout(done, CLAIM_PATIENCE_MS))]);
    form.submit();
    // The browser goes on waiting for the next page, and says nothing while it does.
    setTimeout(() => this.#turn("leaving"), DOUBT_MS);
  }

  #count() {
    const left = this.#left() / 1000;
    fill(this, "left", minutes(left));
    if (left === 0 && performance.now() - this.#looked > LOOK_AGAIN_MS) this.#look();
  }

  /** Has the bill ended meanwhile? Then the page read anew says how. Promises false when that is not known yet. */
  async #look() {
    if (this.#busy || document.hidden) return false;
    this.#looked = performance.now();
    const answer = await get(this.address).catch(() => undefined);
    if (answer && !this.#busy && !["open", "claimed"].includes(answer.body.state)) this.#reread();
    return Boolean(answer);
  }

  async #pay(again = false, assertion = null) {
    if (this.#busy) return;
    this.#busy = true;
    this.#asked += 1;
    const { confirm, ...asked } = Object.fromEntries(new FormData(this.form));
    const fields = { ...asked, ...((again || confirm === "1") && { confirm: true }), ...(assertion && { assertion }) };
    this.#wait();
    const patience = setTimeout(() => this.#doubt(), DOUBT_MS);
    try {
      const how = { unanswered: this.#lost, page: Boolean(this.address) };
      const { body, address } = await post(this.form.getAttribute("action"), fields, how);
      if (address) turnTo(body, address);
      else location.replace(`/receipts/${encodeURIComponent(body.receipt)}?sent=1`);
    } catch (trouble) {
      clearTimeout(patience);
      // A server in trouble knows nothing of what was sent before. Once signed out, a bill's page tells how it stands.
      const inDoubt = trouble.inDoubt && trouble.status >= 500;
      if (!(trouble instanceof Refused) || inDoubt) this.#unanswered(again, assertion);
      else if (trouble.inDoubt && trouble.status === 401 && !this.address) this.#turn("out");
      else if (trouble.code === "step_up_required" && !assertion && !trouble.details.confined) await this.#prove(again, asked);
      else this.#refused(trouble);
    } finally {
      clearTimeout(patience);
    }
  }

  /** Have a passkey prove just this payment, and pay with its answer. */
  async #prove(again, asked) {
    try {
      if (!canUsePasskeys()) throw new Error("no passkeys here");
      const { body } = await post(this.form.dataset.challenge, asked);
      const assertion = JSON.parse(await prove(body));
      this.#busy = false;
      return this.#pay(again, assertion);
    } catch (trouble) {
      const known = trouble instanceof Refused;
      this.#refused({ code: known ? trouble.code : "", title: known ? trouble.title : this.dataset.unproved });
    }
  }

  #wait() {
    for (const button of this.querySelectorAll("button")) button.disabled = true;
    this.setAttribute("aria-busy", "true");
  }

  #doubt() {
    fill(this, "asked", String(this.#asked));
    // Once: whoever is on the way out of here keeps their place at each further ask.
    if (this.dataset.state !== "doubt") this.#turn("doubt");
  }

  #turn(state) {
    showState(this, state);
    this.querySelector(`[data-when~="${state}"] [tabindex="-1"]`)?.focus();
  }

  #unanswered(again, assertion) {
    this.#lost = true;
    this.#doubt();
    setTimeout(() => {
      this.#busy = false;
      this.#pay(again, assertion);
    }, 2000);
  }

  #refused(trouble) {
    if (this.address && READ_ANEW.test(trouble.code)) return this.#reread();
    this.#busy = false;
    this.removeAttribute("aria-busy");
    for (const button of this.querySelectorAll("button")) button.disabled = false;
    fill(this, "said", trouble.title);
    if (trouble.code === "looks_repeated") {
      // What answers the question stands where Pay was.
      holdStill(this.querySelectorAll('[data-when~="repeated"] button'));
      return this.#turn("repeated");
    }
    this.#turn("ready");
    // What was pressed has lost the focus, as it was switched off meanwhile.
    this.form.querySelector("button").focus();
  }

  #rest() {
    this.#timers.forEach(clearInterval);
    this.#unwatch?.();
  }

  #reread() {
    this.#rest();
    location.replace(this.address);
  }
}

customElements.define("wallet-confirm", WalletConfirm);
