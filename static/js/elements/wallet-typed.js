// <wallet-typed data-of>: stands in a form and puts back what was typed into it on the way back to its page, which no
// browser keeps, as long as it is about the same thing, and the same person's (data-of).

import { ON_A_FORM } from "../lib/kept.js";
import { Typed } from "../lib/typed.js";

class WalletTyped extends HTMLElement {
  connectedCallback() {
    const form = this.closest("form");
    const fields = [...form.querySelectorAll("input:not([type=hidden])")];
    const typed = new Typed(ON_A_FORM, this.dataset.of);
    typed.restore(fields);
    form.addEventListener("submit", () => typed.keep(fields));
  }
}

customElements.define("wallet-typed", WalletTyped);
