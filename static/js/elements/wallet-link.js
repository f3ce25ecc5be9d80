// <wallet-link data-copied>: hands its link on, by the phone's own list of apps or else by the clipboard. Without script the
// button stays away, and the link is taken from its field.

class WalletLink extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("input");
    this.field.onfocus = () => this.field.select();
    const button = this.querySelector("button");
    const [share, copy] = this.querySelectorAll("[data-word]");
    const link = { url: this.field.value };
    share.hidden = !navigator.canShare?.(link);
    copy.hidden = !share.hidden;
    button.hidden = false;
    button.onclick = () => (share.hidden ? this.copy() : this.share(link));
  }

  async share(link) {
    try {
      await navigator.share(link);
    } catch (error) {
      // Whoever closes the list of apps wants neither.
      if (error.name !== "AbortError") await this.copy();
    }
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.field.value);
      this.querySelector("[role=status]").textContent = this.dataset.copied;
    } catch {
      this.field.focus(); // All of it is marked, for the menu to copy.
    }
  }
}

customElements.define("wallet-link", WalletLink);
