// <wallet-sheet popover>: a sheet that its button opens without a script. It goes when the focus leaves it, which would
// otherwise wander about the page that lies under it. Its choices are part of a form around it: what was chosen and left is
// taken back, or the next search would be narrowed by it unseen.

class WalletSheet extends HTMLElement {
  connectedCallback() {
    this.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.contains(relatedTarget) && this.matches(":popover-open")) this.hidePopover();
    });
    this.addEventListener("toggle", ({ newState }) => {
      if (newState !== "closed") return;
      for (const option of this.querySelectorAll("option")) option.selected = option.defaultSelected;
    });
  }
}

customElements.define("wallet-sheet", WalletSheet);
