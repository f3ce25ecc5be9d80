// <wallet-answered data-address>: stands on a page that answers a form, and gives it the address of one that can be read
// again, so that neither Back nor a reload asks to send the form a second time. What was sent stands in no address.

class WalletAnswered extends HTMLElement {
  connectedCallback() {
    history.replaceState(history.state, "", this.dataset.address);
  }
}

customElements.define("wallet-answered", WalletAnswered);
