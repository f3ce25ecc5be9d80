// <wallet-paper data-title data-text>: prints the page, and shares its text where the browser can. Without script the
// buttons stay away, and the browser's own menu prints.

class WalletPaper extends HTMLElement {
  connectedCallback() {
    const share = this.querySelector('[data-act="share"]');
    const print = this.querySelector('[data-act="print"]');
    print.hidden = false;
    print.onclick = () => window.print();
    const paper = { title: this.dataset.title, text: this.dataset.text };
    if (!share || !navigator.canShare?.(paper)) return;
    share.hidden = false;
    share.onclick = () => this.share(paper);
    // Beside the other one it is the second, and its picture says enough.
    print.dataset.kind = "second";
    print.setAttribute("aria-label", print.textContent.trim());
    print.querySelector("[data-word]").hidden = true;
  }

  async share(paper) {
    try {
      await navigator.share(paper);
    } catch (error) {
      // Whoever closes the list of apps wants neither.
      if (error.name !== "AbortError") window.print();
    }
  }
}

customElements.define("wallet-paper", WalletPaper);
