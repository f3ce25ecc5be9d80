/**
 * <wallet-pwa>: registers the service worker, remembers the last balance for the offline page, forgets all at sign-out.
 *
 * A page marks its balance with data-remember="balance" on a <data value="418.20">.
 */
import { forgetAll, keep, recall } from "../lib/store.js";

class WalletPwa extends HTMLElement {
  connectedCallback() {
    navigator.serviceWorker?.register("/sw.js").catch(() => {});
    document.addEventListener("submit", this);
    this.#remember();
  }

  disconnectedCallback() {
    document.removeEventListener("submit", this);
  }

  async #remember() {
    const { handle } = this.dataset;
    if (!handle) return;
    // Somebody else signed in on this phone: what was kept of the former member goes first.
    const kept = [await recall("phone"), await recall("balance")];
    if (kept.some((thing) => thing && thing.handle !== handle)) await forgetAll();
    const balance = document.querySelector('[data-remember="balance"]')?.getAttribute("value");
    if (balance) await keep("balance", { handle, amount: balance, at: Date.now() }).catch(() => {});
  }

  async handleEvent(event) {
    const form = event.target;
    if (event.defaultPrevented || new URL(form.action, location.href).pathname !== "/sign-out") return;
    event.preventDefault();
    await Promise.race([this.#forget(), new Promise((resolve) => setTimeout(resolve, 1500))]);
    form.submit();
  }

  async #forget() {
    // A browser may refuse any of these, and has then kept nothing in it: the others go on, and so does the sign-out.
    const steps = [async () => sessionStorage.clear(), forgetAll, discardCaches];
    await Promise.allSettled(steps.map((step) => step()));
  }
}

async function discardCaches() {
  for (const name of (await globalThis.caches?.keys()) ?? []) await caches.delete(name);
}

customElements.define("wallet-pwa", WalletPwa);
