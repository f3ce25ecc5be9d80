// <wallet-fresh data-state data-is data-at? data-events?>: reads the page (at data-at, if it stands elsewhere) anew when the
// state that the server tells is no longer the one that the page shows, so that who waits sees at once what somebody else did.

import { get } from "../lib/api.js";
import { watch } from "../lib/live.js";

const WAITING = ["waiting", "open", "claimed"];

class WalletFresh extends HTMLElement {
  connectedCallback() {
    addEventListener("ranout", () => this.look());
    if (WAITING.includes(this.dataset.is)) watch(this.dataset.events, this.dataset.state, () => this.look());
  }

  async look() {
    try {
      const { body } = await get(this.dataset.state);
      if (body.state !== this.dataset.is) location.replace(this.dataset.at ?? location.pathname);
    } catch {
      // No network: the next look tells.
    }
  }
}

customElements.define("wallet-fresh", WalletFresh);
