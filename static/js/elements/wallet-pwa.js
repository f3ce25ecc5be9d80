/**
 * <wallet-pwa>: registers the service worker, remembers the last balance for the offline page, forgets all that is a person's
 * at sign-out, and balance, codes and what was typed into a form when the phone was signed out otherwise. Other tabs then
 * leave that person's pages.
 *
 * A page marks its balance with data-remember="balance" on a <data value="418.20">, and with data-still-signed-in what it
 * says when the sign-out was not answered.
 */
import { get, sendForm } from "../lib/api.js";
import { ofTab, ON_A_FORM } from "../lib/kept.js";
import { drop, forgetPerson, keep, recall } from "../lib/store.js";

// As <wallet-offline> leads on to a page.
const WAITED_FOR = "?wait=1";
const FORGET_MS = 1_500;
// In browsers of Safari's make nothing is read any more after a page was left while it wrote: who only passes by is not noted.
const PASSING_MS = 500;

// Tells the other tabs that somebody was forgotten here.
const forgotten = new BroadcastChannel("forgotten");

class WalletPwa extends HTMLElement {
  #leaving = false;

  connectedCallback() {
    navigator.serviceWorker?.register("/sw.js").catch(() => {});
    document.addEventListener("submit", this);
    // A page that was waited for is the same as any other, also when it is loaded again.
    if (location.search === WAITED_FOR) history.replaceState(history.state, "", location.pathname);
    if (this.dataset.handle) forgotten.addEventListener("message", this.#leave);
    this.#remember().catch(() => {}); // A browser that does not answer keeps what it kept.
  }

  disconnectedCallback() {
    document.removeEventListener("submit", this);
    forgotten.removeEventListener("message", this.#leave);
  }

  #leave = () => location.replace("/");

  async #remember() {
    const { handle } = this.dataset;
    if (!handle) return this.#forgetWhoIsOut();
    // Somebody else signed in on this phone: what was kept of the former member goes first.
    const kept = [await recall("phone"), await recall("balance")];
    if (kept.some((thing) => thing && thing.handle !== handle)) {
      forgotten.postMessage(null);
      await forgetPerson();
    }
    const balance = document.querySelector('[data-remember="balance"]')?.getAttribute("value");
    if (!balance) return;
    await new Promise((resolve) => setTimeout(resolve, PASSING_MS));
    if (!this.#leaving) await keep("balance", { handle, amount: balance, at: Date.now() }).catch(() => {});
  }

  /**
   * What a till would refuse must not look valid; a page without a name is no proof, as that of a tablet's till, beside which
   * somebody's wallet may be signed in: the server's answer is.
   */
  async #forgetWhoIsOut() {
    const kept = [await recall("phone"), await recall("balance"), ofTab.read(ON_A_FORM)];
    if (!kept.some(Boolean)) return;
    const trouble = await get("/me").catch((refused) => refused);
    if (trouble.code !== "not_signed_in") return;
    forgotten.postMessage(null);
    ofTab.clear(ON_A_FORM);
    for (const name of ["phone", "balance"]) await drop(name).catch(() => {});
  }

  async handleEvent(event) {
    const form = event.target;
    if (event.defaultPrevented || new URL(form.action, location.href).pathname !== "/sign-out") return;
    event.preventDefault();
    if (this.#leaving) return;
    this.#leaving = true;
    const unanswered = document.querySelector("[data-still-signed-in]");
    if (unanswered) unanswered.hidden = true;
    try {
      await this.#signOut(form);
    } catch {
      if (unanswered) unanswered.hidden = false;
      this.#leaving = false;
    }
  }

  /** Sign out first and forget then: who is still signed in keeps their code. Rejects when no answer came. */
  async #signOut(form) {
    const answer = await sendForm(form);
    // Another answer than the way on says itself what is wrong.
    if (!answer.redirected) return form.submit();
    forgotten.postMessage(null);
    await Promise.race([forget(), new Promise((resolve) => setTimeout(resolve, FORGET_MS))]);
    location.assign(answer.url);
  }
}

async function forget() {
  // A browser may refuse any of these, and has then kept nothing in it: the others go on, and so does the sign-out.
  const steps = [async () => sessionStorage.clear(), forgetPerson, discardCaches];
  await Promise.allSettled(steps.map((step) => step()));
}

async function discardCaches() {
  for (const name of (await globalThis.caches?.keys()) ?? []) await caches.delete(name);
}

customElements.define("wallet-pwa", WalletPwa);
