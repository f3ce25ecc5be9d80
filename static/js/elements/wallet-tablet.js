// <wallet-tablet data-idle data-awake>: locks a shared tablet that nobody touches, and tells the server when somebody does.

import { post, Refused } from "../lib/api.js";

const TELL_EVERY_MS = 30_000;
const LOOK_MS = 1_000;
const TOUCHES = ["pointerdown", "keydown"];

class WalletTablet extends HTMLElement {
  connectedCallback() {
    this.touchedAt = performance.now();
    this.toldAt = this.touchedAt;
    for (const touch of TOUCHES) document.addEventListener(touch, this.touched, { passive: true });
    this.looking = setInterval(() => this.look(), LOOK_MS);
  }

  disconnectedCallback() {
    for (const touch of TOUCHES) document.removeEventListener(touch, this.touched);
    clearInterval(this.looking);
  }

  touched = () => {
    this.touchedAt = performance.now();
    if (this.touchedAt - this.toldAt < TELL_EVERY_MS) return;
    this.toldAt = this.touchedAt;
    post(this.dataset.awake).catch((trouble) => {
      if (trouble instanceof Refused && trouble.status === 401) this.lock();
    });
  };

  look() {
    // A bill that waits is the member's to pay, and its screen is left alone.
    const waits = document.querySelector('wallet-till[data-waits="1"]');
    if (!waits && performance.now() - this.touchedAt >= Number(this.dataset.idle) * 1000) this.lock();
  }

  lock() {
    clearInterval(this.looking);
    this.querySelector("form").requestSubmit();
  }
}

customElements.define("wallet-tablet", WalletTablet);
