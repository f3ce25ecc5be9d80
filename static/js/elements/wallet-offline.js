/** <wallet-offline>: fills the offline page with the last balance and its time; leaves it when the network is back. */
import { read, show } from "../lib/money.js";
import { recall } from "../lib/store.js";
import { fill, showState } from "../lib/states.js";

const LOOK_MS = 8000;

class WalletOffline extends HTMLElement {
  #timer;

  async connectedCallback() {
    this.addEventListener("click", this);
    globalThis.addEventListener("online", this);
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    const balance = await recall("balance");
    showState(this, balance ? "known" : "unknown");
    if (!balance) return;
    const at = new Date(balance.at);
    const language = document.documentElement.lang || undefined;
    const today = at.toDateString() === new Date().toDateString();
    const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const style = today ? clock : { day: "numeric", month: "long", year: "numeric", ...clock };
    fill(this, "at", new Intl.DateTimeFormat(language, style).format(at));
    fill(this, "amount", show(read(balance.amount)));
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
    globalThis.removeEventListener("online", this);
  }

  handleEvent(event) {
    if (event.type === "online" || event.target.closest('[data-act="retry"]')) this.#look(true);
  }

  /** Ask the server itself: the browser's own word about the network is often wrong. */
  async #look(pressed = false) {
    const answered = await fetch("/time", { cache: "no-store" }).then((response) => response.ok, () => false);
    // A page opened by its own address has nowhere to go back to.
    const home = location.pathname === "/offline";
    if (answered) location.replace(home ? "/" : location.href);
    else if (pressed) fill(this, "said", this.dataset.still ?? "");
  }
}

customElements.define("wallet-offline", WalletOffline);
