// <wallet-countdown data-left>: counts down the seconds left and says when they have run out.

import { minutes } from "../lib/states.js";

const SECOND = 1000;

class WalletCountdown extends HTMLElement {
  connectedCallback() {
    // A node that moves within the page is connected again; its end stays.
    this.endsAt ??= performance.now() + Number(this.dataset.left) * SECOND;
    this.tick();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  tick() {
    const left = Math.max(0, this.endsAt - performance.now());
    (this.querySelector("[data-shown]") ?? this).textContent = minutes(left / SECOND);
    if (left === 0) this.dispatchEvent(new CustomEvent("ranout", { bubbles: true }));
    else this.timer = setTimeout(() => this.tick(), (left % SECOND) || SECOND);
  }
}

customElements.define("wallet-countdown", WalletCountdown);
