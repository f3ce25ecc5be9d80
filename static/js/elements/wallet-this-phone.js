/**
 * <wallet-this-phone data-device hidden>: comes into sight on the phone that keeps the key of this device, which no server can
 * tell from another.
 */
import { enrolled } from "../lib/device.js";
import { toBase64Url } from "../lib/paycode.js";

class WalletThisPhone extends HTMLElement {
  async connectedCallback() {
    const phone = await enrolled().catch(() => undefined);
    this.hidden = !phone || toBase64Url(phone.device) !== this.dataset.device;
  }
}

customElements.define("wallet-this-phone", WalletThisPhone);
