// <wallet-countdown data-left data-renews?>: counts down the seconds left and says when they have run out; with data-renews
// the page is then read anew.

import { remaining } from "../lib/remaining.js";
import { minutes } from "../lib/states.js";

const SECOND = 1000;

class WalletCountdown extends HTMLElement {
  connectedCallback() {
    // A node that moves within the page is connected again; its end stays.
    this.left ??= remaining(Number(this.dataset.left) * SECOND);
    this.tick();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  tick() {
    const left = this.left();
    (this.querySelector("[data-shown]") ?? this).textContent = minutes(left / SECOND);
    // A moment later, when it is over by the server's clock as well.
    if (left === 0 && "renews" in this.dataset) this.timer = setTimeout(() => location.reload(), SECOND);
    else if (left === 0) this.dispatchEvent(new CustomEvent("ranout", { bubbles: true }));
    else this.timer = setTimeout(() => this.tick(), (left % SECOND) || SECOND);
  }
}

customElements.define("wallet-countdown", WalletCountdown);
