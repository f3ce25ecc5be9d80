/**
 * <wallet-install>: shows the way in which this browser installs the wallet, and offers nothing inside the installed app.
 *
 * Parts are marked for "both" (not known), "android", "ios", "able" (the browser has a button of its own for it),
 * "done" (just installed) and "running" (this is the installed app).
 */
import { showState } from "../lib/states.js";

const STANDALONE = "(display-mode: standalone)";

class WalletInstall extends HTMLElement {
  #prompt = null;

  connectedCallback() {
    this.addEventListener("click", this);
    for (const name of ["beforeinstallprompt", "appinstalled"]) globalThis.addEventListener(name, this);
    showState(this, isRunning() ? "running" : platform());
  }

  disconnectedCallback() {
    for (const name of ["beforeinstallprompt", "appinstalled"]) globalThis.removeEventListener(name, this);
  }

  async handleEvent(event) {
    if (event.type === "beforeinstallprompt") {
      // Ours to show when the member asks for it; the browser itself stays silent.
      event.preventDefault();
      this.#prompt = event;
      showState(this, "able");
    } else if (event.type === "appinstalled") {
      showState(this, "done");
      await fetch("/install/later", { method: "POST", body: new URLSearchParams() }).catch(() => {});
    } else if (event.target.closest('[data-act="install"]')) await this.#install();
  }

  async #install() {
    const prompt = this.#prompt;
    this.#prompt = null;
    if (!prompt) return;
    await prompt.prompt();
    // It can be shown once; who said no there may still do it by the menu.
    const { outcome } = await prompt.userChoice;
    if (outcome !== "accepted") showState(this, platform());
  }
}

function isRunning() {
  return navigator.standalone === true || matchMedia(STANDALONE).matches;
}

function platform() {
  const { userAgent, maxTouchPoints } = navigator;
  // An iPad calls itself a Mac; no Mac has a touch screen.
  if (/iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1)) return "ios";
  return /Android/.test(userAgent) ? "android" : "both";
}

customElements.define("wallet-install", WalletInstall);
