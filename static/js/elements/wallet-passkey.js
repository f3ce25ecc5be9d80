/**
 * <wallet-passkey data-ask data-does data-autofill data-then>: a form that a passkey answers.
 *
 * On submit it asks `data-ask` for a challenge (sending the fields marked data-asked), lets the browser make a passkey
 * (data-does="make") or prove with one ("prove"), puts the answer into the field `credential` and sends the form.
 * With data-then the form of that id goes on once the answer is taken, so that nothing has to be typed again.
 * Until this script is there, its button is off. With data-autofill the browser also offers passkeys in the form's text
 * field. Its sentences are in the markup.
 */
import { post, Refused } from "../lib/api.js";
import { canFillIn, canUsePasskeys, make, prove, troubleOf } from "../lib/passkey.js";
import { fill, showState } from "../lib/states.js";

// A challenge lives for two minutes; the waiting one is exchanged before.
const RENEW_MS = 100_000;
const RENEWALS = 15;

class WalletPasskey extends HTMLElement {
  #waiting = null;
  #timer;
  #renewals = 0;
  #busy = false;

  connectedCallback() {
    this.form = this.querySelector("form");
    if (!canUsePasskeys()) {
      // Nothing that is filled in here leads anywhere.
      this.form.hidden = true;
      for (const field of this.form.elements) field.closest(".field")?.setAttribute("hidden", "");
      return showState(this, "unable");
    }
    for (const button of this.form.querySelectorAll("button")) button.disabled = false;
    showState(this, "ready");
    this.form.addEventListener("submit", this);
    if (!("autofill" in this.dataset)) return;
    document.addEventListener("visibilitychange", this);
    this.#offer();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this);
    this.#stop();
  }

  handleEvent(event) {
    if (event.type === "submit") {
      event.preventDefault();
      this.#answer();
    } else if (!document.hidden && !this.#waiting) {
      this.#renewals = 0;
      this.#offer();
    }
  }

  /** Let the browser offer passkeys in the text field, until one is chosen or the button is pressed. */
  async #offer() {
    if (!(await canFillIn()) || this.#busy || !this.isConnected) return;
    const signal = this.#begin();
    try {
      const { body } = await post(this.dataset.ask, {});
      if (signal.aborted) return;
      this.#timer = setTimeout(() => this.#renew(), RENEW_MS);
      this.#send(await prove(body, { signal, quietly: true }));
    } catch {
      // Nobody pressed anything: the button is still there, and who comes back is offered them again.
      if (!signal.aborted) this.#stop();
    }
  }

  #renew() {
    this.#stop();
    this.#renewals += 1;
    if (this.#renewals < RENEWALS && !document.hidden) this.#offer();
  }

  async #answer() {
    if (this.#busy) return;
    this.#busy = true;
    const signal = this.#begin();
    showState(this, "working");
    this.setAttribute("aria-busy", "true");
    try {
      const { body } = await post(this.dataset.ask, this.#asked());
      await this.#send(this.dataset.does === "make" ? await make(body, signal) : await prove(body, { signal }));
    } catch (trouble) {
      this.#busy = false;
      this.removeAttribute("aria-busy");
      const state = trouble instanceof Refused ? "refused" : troubleOf(trouble);
      fill(this, "said", trouble.title ?? "");
      showState(this, state || "ready");
    }
  }

  #asked() {
    const fields = [...this.form.elements].filter((field) => "asked" in field.dataset && field.value !== "");
    return Object.fromEntries(fields.map((field) => [field.name, field.value]));
  }

  async #send(credential) {
    this.#stop();
    this.#busy = true;
    this.form.elements.credential.value = credential;
    const next = document.getElementById(this.dataset.then);
    if (next) {
      const fields = Object.fromEntries(new FormData(this.form));
      await post(this.form.action, { ...fields, credential: JSON.parse(credential) });
    }
    (next ?? this.form).submit();
  }

  #begin() {
    this.#stop();
    this.#waiting = new AbortController();
    return this.#waiting.signal;
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#waiting?.abort();
    this.#waiting = null;
  }
}

customElements.define("wallet-passkey", WalletPasskey);
