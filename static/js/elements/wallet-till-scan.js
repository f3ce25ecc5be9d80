// <wallet-till-scan>: the camera over a till's keypad. The member's code that it reads goes out as `read`, with the fields
// that it was opened for.

class WalletTillScan extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.stage = this.querySelector("[data-stage]");
    this.dialog.addEventListener("close", () => this.stage.replaceChildren());
    this.addEventListener("scanned", (event) => {
      event.preventDefault();
      this.dialog.close();
      const detail = { fields: this.fields, token: event.detail.text };
      this.dispatchEvent(new CustomEvent("read", { bubbles: true, detail }));
    });
    this.addEventListener("click", (event) => event.target.closest("[data-close]") && this.dialog.close());
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
}

customElements.define("wallet-till-scan", WalletTillScan);
