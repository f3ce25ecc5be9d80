// <wallet-fresh data-state data-is data-events?>: reads the page anew when the state that the server tells is no longer
// the one that the page shows, so that who waits sees at once what somebody else decided.

import { get } from "../lib/api.js";
import { watch } from "../lib/live.js";

class WalletFresh extends HTMLElement {
  connectedCallback() {
    addEventListener("ranout", () => this.look());
    if (["open", "waiting"].includes(this.dataset.is)) watch(this.dataset.events, this.dataset.state, () => this.look());
  }

  async look() {
    try {
      const { body } = await get(this.dataset.state);
      if (body.state !== this.dataset.is) location.replace(location.pathname);
    } catch {
      // No network: the next look tells.
    }
  }
}

customElements.define("wallet-fresh", WalletFresh);
