// <wallet-print>: a button that prints the page; without script the browser's own menu does.

class WalletPrint extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    this.addEventListener("click", (event) => event.target.closest("button") && print());
  }
}

customElements.define("wallet-print", WalletPrint);
