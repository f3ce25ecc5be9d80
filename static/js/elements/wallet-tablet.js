// <wallet-tablet data-idle data-awake data-key>: locks a shared tablet that nobody touches, tells the server when somebody
// does, and keeps what the tablet needs to check payments when it is cut off.

import { get, post, Refused } from "../lib/api.js";
import { ServerClock } from "../lib/device.js";
import { keepTill, lines } from "../lib/outage.js";
import { settle } from "../lib/settle.js";

const TELL_EVERY_MS = 30_000;
const LOOK_MS = 1_000;
const TOUCHES = ["pointerdown", "keydown"];

class WalletTablet extends HTMLElement {
  connectedCallback() {
    this.touchedAt = performance.now();
    this.toldAt = this.touchedAt;
    for (const touch of TOUCHES) document.addEventListener(touch, this.touched, { passive: true });
    this.looking = setInterval(() => this.look(), LOOK_MS);
    addEventListener("offline", this.cutOff);
    this.prepare();
  }

  /** Without a network there is no till: what is left is to check payments by their digits. */
  cutOff = () => {
    this.querySelector("[data-cut-off]").hidden = false;
  };

  async prepare() {
    try {
      const { body } = await get(this.dataset.key);
      if (body.key) await keepTill(body);
      await new ServerClock().measure("/time");
      await settle(body.till);
    } catch {
      return; // No network, or a browser that keeps nothing: the till works all the same.
    }
    this.querySelector("[data-unconfirmed]").hidden = (await lines()).every(({ receipt }) => receipt);
  }

  disconnectedCallback() {
    for (const touch of TOUCHES) document.removeEventListener(touch, this.touched);
    clearInterval(this.looking);
    removeEventListener("offline", this.cutOff);
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
