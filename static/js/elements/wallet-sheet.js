// <wallet-sheet popover>: a sheet that its button opens without a script. It goes when the focus leaves it, which would
// otherwise wander about the page that lies under it.

class WalletSheet extends HTMLElement {
  connectedCallback() {
    this.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.contains(relatedTarget) && this.matches(":popover-open")) this.hidePopover();
    });
  }
}

customElements.define("wallet-sheet", WalletSheet);
