// <wallet-fresh data-look data-is data-of? data-at? data-code? data-events?>: reads the page (at data-at, if it stands elsewhere)
// anew when the state that the server tells is none of those that the page shows (data-is="one other"), so that who waits
// sees at once what somebody else did. What is over was seen here by its data-code, and need not stand on the till's page as well.
// With data-of nobody waits: whenever the page comes to the front, these parts of what the server tells are to be as data-is says,
// or else it is read anew as it was asked for, with what was half typed on it, if it is still the same person's.

import { get } from "../lib/api.js";
import { REFUSED, watch } from "../lib/live.js";
import { tellReached } from "../lib/reach.js";
import { see } from "../lib/seen.js";
import { Typed } from "../lib/typed.js";

const WAITING = ["waiting", "open", "claimed"];

class WalletFresh extends HTMLElement {
  #unwatch = () => {};

  get #shown() {
    return this.dataset.is.split(" ");
  }

  get #fields() {
    return [...document.querySelectorAll("main :is(input:not([type=hidden]), textarea)")];
  }

  get #typed() {
    const [whose] = this.#shown;
    return new Typed("read-anew", `${whose} ${location.pathname}`);
  }

  connectedCallback() {
    addEventListener("ranout", () => this.look());
    // What is as it was told may hold any word, a handle too.
    if (this.dataset.of) {
      this.#typed.restore(this.#fields);
      this.#watch({});
    } else if (this.#shown.some((state) => WAITING.includes(state))) this.#watch(this.dataset);
    else if (this.dataset.code) see(this.dataset.code);
  }

  /** A tablet that locks takes it away. */
  disconnectedCallback() {
    this.#unwatch();
  }

  #watch({ events, look }) {
    this.#unwatch = watch(events, look, () => this.look(), (isReached) => tellReached(this, isReached));
  }

  async look() {
    try {
      const { body } = await get(this.dataset.look);
      if (!this.#isShown(body)) this.#renew();
      return true;
    } catch (trouble) {
      // Read anew, the page tells it in words; one that stands elsewhere would come as it was, again and again.
      if (!this.dataset.at && REFUSED.includes(trouble.status)) this.#renew();
      return false; // No network: the next look tells.
    }
  }

  #isShown(body) {
    const { of, is } = this.dataset;
    return of ? of.split(" ").map((part) => body[part]).join(" ") === is : this.#shown.includes(body.state);
  }

  #renew() {
    const { at, of } = this.dataset;
    if (!this.isConnected) return;
    if (of) this.#typed.keep(this.#fields);
    location.replace(at ?? location.pathname + (of ? location.search : ""));
  }
}

customElements.define("wallet-fresh", WalletFresh);
