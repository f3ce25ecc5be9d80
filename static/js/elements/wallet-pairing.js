// <wallet-pairing data-look data-tablet data-code data-locked>: looks whether a phone has vouched for this device, and goes on.

import { get } from "../lib/api.js";
import { noteLocked } from "../lib/locked.js";

const PAUSE_MS = 1500;

class WalletPairing extends HTMLElement {
  connectedCallback() {
    if (this.hasAttribute("data-locked")) noteLocked(false);
    this.goOn() || this.look();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  goOn() {
    const form = this.querySelector("form[data-enter]");
    form?.requestSubmit();
    return Boolean(form);
  }

  async look() {
    if (!this.dataset.code) return;
    try {
      const { body } = await get(this.dataset.look);
      const same = String(body.tablet) === this.dataset.tablet && body.code === this.dataset.code;
      if (!same || body.approved) return location.reload();
    } catch {
      // No network: the code stays, and the next look tries again.
    }
    this.timer = setTimeout(() => this.look(), PAUSE_MS);
  }
}

customElements.define("wallet-pairing", WalletPairing);
