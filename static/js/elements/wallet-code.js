/**
 * <wallet-code>: the member's code, made on this phone and new every 30 seconds, also without a network.
 *
 * data-handle, data-name, data-limit, data-origin: whose code, up to how much, for which federation; absent on the offline
 * page, where what the phone kept decides. data-look: the address that tells what a scan has done; data-since: the wallet's
 * newest posting when the page was written, after which a payment is news, whatever any clock says; data-frozen: the server
 * has frozen the codes.
 */
import { get, post } from "../lib/api.js";
import { canMakeCodes, codeLink, enrol, enrolled, forgetKey, mayBeEnrolled, refresh, ServerClock } from "../lib/device.js";
import { secondsLeft, stepAt, toBase64Url } from "../lib/paycode.js";
import { findDrawer } from "../lib/qrcode.js";
import { fill, minutes, showState } from "../lib/states.js";

const TICK_MS = 250;
const ASK_MS = 2000;
const MEASURE_MS = 60_000;

class WalletCode extends HTMLElement {
  #clock = new ServerClock();
  #phone;
  #measured;
  #draw;
  #step = 0;
  #spent = 0;
  #timers = [];

  async connectedCallback() {
    this.addEventListener("click", this);
    document.addEventListener("visibilitychange", this);
    if (!canMakeCodes()) return showState(this, "unable");
    this.#draw = await findDrawer();
    if (!this.#draw) return showState(this, "unloaded");
    const phone = enrolled(this.dataset.handle).catch(() => null);
    const known = await this.#clock.restore();
    this.#measured = this.dataset.look && this.#clock.measure("/time");
    this.#phone = await phone;
    // A code must be there at once; only that of a phone which never measured waits for the server's time.
    if (this.#phone && !known) await this.#measured;
    const frozen = this.hasAttribute("data-frozen");
    if (this.#phone) this.#phone = refresh(this.#phone, this.dataset, frozen);
    if (frozen || this.#phone?.frozen) showState(this, "frozen");
    else if (this.#phone === null) showState(this, "silent");
    else if (this.#phone) this.#show();
    else showState(this, "enrol");
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this);
    this.#rest();
  }

  handleEvent(event) {
    if (event.type === "visibilitychange") {
      if (this.dataset.state !== "ready" && this.dataset.state !== "spent") return;
      if (document.hidden) this.#rest();
      else this.#wake();
      return;
    }
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act === "enrol") this.#enrol(event.target.closest("[data-act]"));
  }

  async #enrol(button) {
    button.disabled = true;
    fill(this, "said", "");
    try {
      const { handle, name, limit, origin } = this.dataset;
      const exchange = async (publicKey) => (await post("/code/devices", { public_key: publicKey, drawn_for: handle })).body;
      this.#phone = await enrol({ handle, name, limit, origin }, exchange);
      await this.#measured;
      this.#show();
      this.querySelector('[data-part="name"]').focus();
    } catch (trouble) {
      // The passkey is asked for on a page of its own, which leads back here.
      const back = trouble.code === "step_up_required" && trouble.details?.confirm;
      if (back) return location.assign(`/you/confirm?next=${encodeURIComponent(back)}`);
      const { unsure, failed } = this.dataset;
      fill(this, "said", mayBeEnrolled() ? unsure : trouble.title || failed);
    } finally {
      button.disabled = false;
      if (document.activeElement === document.body) button.focus();
    }
  }

  async #wake() {
    await this.#clock.restore();
    this.#show();
    if (this.dataset.look) this.#clock.measure("/time");
  }

  #show() {
    this.#rest();
    this.#step = 0;
    fill(this, "name", this.#phone.name ?? "");
    fill(this, "limit", this.#phone.limit ?? "");
    this.#tick();
    this.#timers.push(setInterval(() => this.#tick(), TICK_MS));
    if (!this.dataset.look) return;
    this.#ask();
    this.#timers.push(setInterval(() => this.#ask(), ASK_MS), setInterval(() => this.#clock.measure("/time"), MEASURE_MS));
  }

  #rest() {
    this.#timers.forEach(clearInterval);
    this.#timers = [];
  }

  async #tick() {
    const now = this.#clock.now();
    const step = stepAt(now);
    fill(this, "left", minutes(secondsLeft(now)));
    showState(this, step <= this.#spent ? "spent" : "ready");
    if (step === this.#step) return;
    this.#step = step;
    const link = await codeLink(this.#phone, now);
    // A slow phone may be a step late: never put an older code over a newer one.
    if (step !== this.#step) return;
    const card = this.querySelector('[data-part="code"]');
    card.replaceChildren(this.#draw(link, this.dataset.label ?? ""));
  }

  async #ask() {
    let news;
    try {
      const device = toBase64Url(this.#phone.device);
      const query = new URLSearchParams({ since: this.dataset.since, device });
      news = (await get(`${this.dataset.look}?${query}`)).body;
    } catch (trouble) {
      // Without a network the code goes on working; a lost session must not look like one.
      if (trouble.code === "not_signed_in") location.replace("/");
      return;
    }
    if (this.#timers.length === 0) return;
    this.#spent = Math.max(this.#spent, news.spent_step ?? 0);
    if (news.bill) location.assign(`/b/${encodeURIComponent(news.bill)}`);
    else if (news.paid) this.#paid(news.paid);
    else if (news.unknown) this.#forget();
    else if (news.frozen) this.#freeze();
    if (news.bill || news.paid || news.unknown || news.frozen) this.#rest();
  }

  /** The page without a network, too, must stop showing what no till takes: it is so before this page says so. */
  async #forget() {
    await forgetKey(this.#phone).catch(() => {});
    this.#spent = 0;
    showState(this, "enrol");
  }

  #freeze() {
    showState(this, "frozen");
    this.#phone = refresh(this.#phone, this.dataset, true);
  }

  /** The page of the payment says to whom and how much, and has the way to freeze the codes. */
  #paid(receipt) {
    navigator.vibrate?.(80);
    location.assign(`/code/paid/${encodeURIComponent(receipt)}`);
  }
}

customElements.define("wallet-code", WalletCode);
