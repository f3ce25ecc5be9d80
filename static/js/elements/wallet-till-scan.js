// <wallet-till-scan data-url>: the camera over a till's keypad. A member's code is sent with the sum that was typed;
// the outcome goes out as `charged` with the answer, a page to show, a refusal as `refused`.

import { forget, pending, post, RESUME_WITHIN_MS } from "../lib/api.js";

class WalletTillScan extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.stage = this.querySelector("[data-stage]");
    this.slot = `scan:${this.dataset.url}`;
    this.dialog.addEventListener("close", () => this.stage.replaceChildren());
    this.addEventListener("scanned", (event) => {
      event.preventDefault();
      this.dialog.close();
      this.send({ ...this.fields, token: event.detail.text });
    });
    this.addEventListener("click", (event) => event.target.closest("[data-close]") && this.dialog.close());
    this.resume();
  }

  /** Open the camera for a sum: {amount, cash?, note?, confirm?}. */
  open(fields) {
    this.fields = fields;
    // The camera's part is made anew each time and thrown away after, so that its light goes out.
    this.stage.replaceChildren(this.querySelector("template").content.cloneNode(true));
    this.dialog.showModal();
    // The key that opened it may stand on what is hidden or off by then; a keyboard would start outside of the dialog.
    this.dialog.querySelector("h2").focus();
  }

  async send(fields) {
    this.tell("sending", {});
    try {
      this.tell("charged", await post(this.dataset.url, fields, { slot: this.slot, page: true }));
    } catch (trouble) {
      const { token, ...again } = fields;
      this.tell("refused", {
        trouble,
        unanswered: this.dataset.unanswered,
        again: trouble.code === "looks_repeated" ? { ...again, confirm: true } : null,
      });
    }
  }

  /** A scan that was sent and never answered is asked for again with the same key: the code is only taken once. */
  resume() {
    const lost = pending(this.slot);
    if (lost && Date.now() - lost.at < RESUME_WITHIN_MS) this.send(lost.fields);
    else forget(this.slot);
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }
}

customElements.define("wallet-till-scan", WalletTillScan);
