// <wallet-shift data-till data-shift data-refs data-at data-events? data-look? data-rev?>: says which payments this screen has
// shown that the shift does not hold, and reads the page anew at data-at when the till no longer stands as it shows (data-rev),
// as long as nothing is typed. After a difference it asks for the reason, until the figures are put right. What is typed stays
// while a bill is cancelled on the way, which is a form of its own, or a line of the difference is looked at.

import { get } from "../lib/api.js";
import { watch } from "../lib/live.js";
import { shownAt } from "../lib/shown.js";
import { Typed } from "../lib/typed.js";

class WalletShift extends HTMLElement {
  connectedCallback() {
    const held = new Set(this.dataset.refs.split(" "));
    const lost = shownAt(this.dataset.till, this.dataset.shift).filter((ref) => !held.has(ref));
    this.querySelector("[data-lost]").hidden = lost.length === 0;
    this.querySelector('[data-part="refs"]').textContent = lost.join(", ");
    this.querySelector("[data-focus]")?.focus();
    // A reason waits for the page that asks for one.
    this.typed = new Typed("closing-typed", this.dataset.shift);
    this.typed.restore(this.fields);
    this.addEventListener("submit", this.keep);
    this.addEventListener("click", this.keep);
    this.askReason();
    if (this.dataset.look) this.unwatch = watch(this.dataset.events, this.dataset.look, () => this.look());
  }

  /** A tablet that locks takes it away. */
  disconnectedCallback() {
    this.unwatch?.();
  }

  askReason() {
    const button = document.querySelector("[data-mended]");
    if (!button) return;
    const reason = this.querySelector("#reason");
    const figures = [...this.querySelectorAll("#register, #register-cash")];
    const { mended } = button.dataset;
    const differing = button.textContent;
    const ask = () => {
      reason.required = figures.every((field) => field.value === field.defaultValue);
      button.textContent = reason.required ? differing : mended;
    };
    for (const field of figures) field.addEventListener("input", ask);
    ask();
  }

  get fields() {
    return [...this.querySelectorAll("input:not([type=hidden])")];
  }

  keep = ({ type, target }) => {
    const leaves = type === "click" ? target.closest("#close a") : target.id !== "close";
    if (leaves) this.typed.keep(this.fields);
  };

  async look() {
    try {
      const { body } = await get(this.dataset.look);
      const typed = this.fields.some((field) => field.value !== "");
      const current = this.dataset.rev === body.rev;
      // A reload of what answers a form would send once more what was refused.
      if (!current && !typed && this.isConnected) location.replace(this.dataset.at);
      return current; // What is typed may be taken back: the next look tells it again.
    } catch {
      return false; // No network: the next look tells, and the closing itself looks at everything.
    }
  }
}

customElements.define("wallet-shift", WalletShift);
