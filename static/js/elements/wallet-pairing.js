// <wallet-pairing data-look data-tablet data-code data-locked data-former>: looks whether a phone has vouched for this device,
// and goes on. One that is a till no more checks no payments for it without a network either.

import { get } from "../lib/api.js";
import { noteLocked } from "../lib/locked.js";
import { keptTill } from "../lib/outage.js";
import { drop } from "../lib/store.js";

const PAUSE_MS = 1500;

class WalletPairing extends HTMLElement {
  connectedCallback() {
    if (this.hasAttribute("data-locked")) noteLocked(false);
    if (this.hasAttribute("data-former")) this.forgetTill().catch(() => {}); // A browser that does not answer is asked anew.
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

  async forgetTill() {
    if (await keptTill()) await drop("till");
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
