/**
 * <wallet-sure for>: sends the form named by `for` until an answer has come, each time with the key that the form holds, so
 * that a lost reply neither ends on the browser's own error page nor does anything twice. Says meanwhile that it is in doubt.
 */
import { ABOUT_WHO_ASKS, PAUSES_MS, sendForm } from "../lib/api.js";
import { showState } from "../lib/states.js";

class WalletSure extends HTMLElement {
  #busy = false;
  #lost = false;
  #pressed;

  connectedCallback() {
    this.form = document.getElementById(this.getAttribute("for"));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#pressed = event.submitter;
      this.#send();
    });
  }

  async #send() {
    if (this.#busy) return;
    this.#wait(true);
    for (const pause of [...PAUSES_MS, null]) {
      const answer = await this.#ask();
      if (answer?.redirected) return location.assign(answer.url);
      // A refusal is a page of its own, which the server writes when the form is sent plainly.
      if (answer && !(this.#lost && ABOUT_WHO_ASKS.includes(answer.status))) return this.form.submit();
      this.#lost = true;
      if (pause === null) break;
      this.#say("doubt");
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    this.#wait(false);
    this.#say("unanswered");
  }

  /** Give the server's answer; nothing when none came, or one that tells nothing about what was done. */
  async #ask() {
    try {
      const answer = await sendForm(this.form);
      // A gateway's own page does not carry what each of ours does.
      return answer.status < 500 && answer.headers.has("Content-Security-Policy") ? answer : null;
    } catch {
      return null;
    }
  }

  #wait(busy) {
    this.#busy = busy;
    this.form.setAttribute("aria-busy", String(busy));
    for (const part of this.form.elements) if (part.type === "submit") part.disabled = busy;
    // What was pressed has lost the focus, as it was switched off; whoever went on meanwhile keeps their place.
    if (!busy && document.activeElement === document.body) this.#pressed?.focus();
  }

  #say(state) {
    this.hidden = false;
    showState(this, state);
    this.scrollIntoView({ block: "nearest" });
  }
}

customElements.define("wallet-sure", WalletSure);
