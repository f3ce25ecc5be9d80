/**
 * <wallet-offline data-sent>: fills a page without a network with the last balance and its time; leaves it when the network
 * is back. What is said to who has a code here that tills take is marked data-with-code. With data-sent a form was on its way,
 * whose address cannot be read: back is where it was sent from, as where a file was asked for.
 */
import { canMakeCodes, enrolled } from "../lib/device.js";
import { figures, read, show } from "../lib/money.js";
import { keptTill } from "../lib/outage.js";
import { answers } from "../lib/reach.js";
import { recall } from "../lib/store.js";
import { fill, showState } from "../lib/states.js";

const LOOK_MS = 8000;
const START = "/";
// The worker gives up on these soon, so that what the phone keeps comes up; with a query it waits for as long as it takes.
const SOON = [START, "/code"];
const PATIENTLY = "?wait=1";
// What is saved as a file leaves the page that is shown as it is.
const FILES = /\.(csv|beancount)$|\/file$/;

class WalletOffline extends HTMLElement {
  #timer;

  async connectedCallback() {
    for (const link of document.querySelectorAll("a[data-back]")) link.href = this.#back;
    globalThis.addEventListener("online", this.#look);
    this.#timer = setInterval(this.#look, LOOK_MS);
    const kept = await Promise.all([recall("balance"), canMakeCodes() && enrolled(), keptTill()]).catch(() => null);
    if (!kept) return showState(this, "silent");
    const [balance, phone, till] = kept;
    // A shop's tablet has nothing of a member to show; without a network it checks payments.
    if (till && !balance && !phone && !this.hasAttribute("data-sent")) return location.replace("/outage");
    for (const part of document.querySelectorAll("[data-with-code]")) part.hidden = !phone || phone.frozen;
    // Without a code nothing here is of use to whom the network may just have been too slow; and who starts the app wants home.
    if (this.#isEarly && (!phone || phone.frozen || location.pathname === START)) this.#look();
    showState(this, balance ? "known" : "unknown");
    if (!balance) return;
    const at = new Date(balance.at);
    const today = at.toDateString() === new Date().toDateString();
    const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const style = today ? clock : { day: "numeric", month: "long", year: "numeric", ...clock };
    fill(this, "at", new Intl.DateTimeFormat(figures(), style).format(at));
    fill(this, "amount", show(read(balance.amount)));
  }

  disconnectedCallback() {
    this.#rest();
  }

  #rest() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    globalThis.removeEventListener("online", this.#look);
  }

  get #back() {
    const from = document.referrer;
    const leadsNowhere = this.hasAttribute("data-sent") || FILES.test(location.pathname);
    if (leadsNowhere) return from.startsWith(`${location.origin}/`) ? from : START;
    // A page opened by its own address has nowhere to go back to.
    if (location.pathname === "/offline") return START;
    return this.#isEarly ? location.pathname + PATIENTLY : location.href;
  }

  /** Was the page not waited for? Where it was, in vain, the network is asked now and then. */
  get #isEarly() {
    return SOON.includes(location.pathname) && !location.search;
  }

  #look = async () => {
    if (!(await answers()) || !this.#timer) return;
    // To leave takes as long as the page needs to come; to begin anew meanwhile would put it off.
    this.#rest();
    location.replace(this.#back);
  };
}

customElements.define("wallet-offline", WalletOffline);
