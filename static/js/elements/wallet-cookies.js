/** <wallet-cookies>: says that this browser keeps no cookies for the wallet, without which every way in leads back to itself. */
class WalletCookies extends HTMLElement {
  connectedCallback() {
    this.hidden = isKept();
  }
}

/** Tell whether a cookie is kept: a browser that is told to block them may still say that it has them enabled. */
function isKept() {
  document.cookie = "kept=1; SameSite=Lax; Path=/";
  const kept = /(?:^|; )kept=1(?:;|$)/.test(document.cookie);
  document.cookie = "kept=; SameSite=Lax; Path=/; Max-Age=0";
  return kept;
}

customElements.define("wallet-cookies", WalletCookies);
