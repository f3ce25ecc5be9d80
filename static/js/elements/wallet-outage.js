/**
 * <wallet-outage>: checks payments by six digits without a network, keeps each as a line, and confirms them once it is back.
 * The dock below it leads back to the till, and says whether there is a network to do so.
 */

import { ServerClock } from "../lib/device.js";
import { figures, show, typed } from "../lib/money.js";
import { add, keptTill, lines, minuteOf } from "../lib/outage.js";
import { answers } from "../lib/reach.js";
import { settle } from "../lib/settle.js";
import { fill, showState } from "../lib/states.js";

const DIGITS = /^[0-9]{6}$/;
const LOOK_MS = 8000;

class WalletOutage extends HTMLElement {
  async connectedCallback() {
    this.dock = document.querySelector(".dock");
    this.back = this.dock.querySelector("a");
    this.back.addEventListener("click", this.leave);
    this.till = await keptTill().catch(() => null);
    if (!this.till) return this.waitFor(this.till === null ? "silent" : "unknown");
    this.clock = new ServerClock();
    await this.clock.restore();
    fill(this, "coop", this.till.coop);
    fill(this, "name", this.till.name);
    this.back.href = `/tills/${encodeURIComponent(this.till.till)}`;
    showState(this, "ready");
    this.querySelector("form").addEventListener("submit", this.check);
    await this.list();
    this.lookAgain(() => this.look());
  }

  disconnectedCallback() {
    this.rest?.();
  }

  /** Look now, every few seconds, and at once when the browser says that it is connected: its word is often wrong. */
  lookAgain(look) {
    const looking = setInterval(look, LOOK_MS);
    addEventListener("online", look);
    this.rest = () => {
      clearInterval(looking);
      removeEventListener("online", look);
    };
    look();
  }

  /** Where no payment can be checked there is but one thing to do: to go on to the page that was asked for, once it is there. */
  waitFor(state) {
    showState(this, state);
    if (location.pathname === "/outage") return;
    this.back.href = location.href;
    const goOn = async () => {
      if (!(await this.reached())) return;
      // To leave takes as long as the page needs to come; to begin anew meanwhile would put it off.
      this.rest();
      location.replace(this.back.href);
    };
    this.lookAgain(goOn);
  }

  check = async (event) => {
    event.preventDefault();
    const form = event.target;
    // The second press of a double tap meets the first one under way, or the form that it has emptied.
    const isEmptied = this.dataset.state === "right" && !form.sum.value && !form.digits.value;
    if (this.isChecking || isEmptied) return;
    this.isChecking = true;
    try {
      await this.judge(form);
      // A small screen has it below its edge, or under the dock.
      this.querySelector(`[role="status"] [data-when="${this.dataset.state}"]`).scrollIntoView({ block: "nearest" });
    } finally {
      this.isChecking = false;
    }
  };

  async judge(form) {
    const minor = typed(form.sum.value);
    const digits = form.digits.value.replaceAll(/[^0-9]/g, "");
    if (minor === null && form.sum.value.trim()) return showState(this, "misread");
    if (!minor || !DIGITS.test(digits)) return showState(this, "empty");
    const now = this.clock.nowAwake();
    const minute = await minuteOf(this.till.secret, minor, digits, now);
    if (minute === null) return showState(this, "wrong");
    const added = await add({ till: this.till.till, minor, digits, minute, at: Math.round(now) }).catch(() => null);
    if (!added) return showState(this, added === null ? "unkept" : "used");
    // The digits stand for RES and cash together, and the tablet does not know how much of it is cash.
    fill(this, "sum", show(minor));
    form.reset();
    showState(this, "right");
    await this.list();
  }

  /** Leave once the till is there: without a network this page would begin anew, and what was typed be lost. */
  leave = async (event) => {
    event.preventDefault();
    showState(this.dock, "asked");
    if (await this.reached()) location.assign(this.back.href);
  };

  async reached() {
    const answered = await answers();
    showState(this.dock, answered ? "back" : "cut");
    const check = this.querySelector("form .button");
    const [filled, second] = answered ? [this.back, check] : [check, this.back];
    delete filled.dataset.kind;
    second.dataset.kind = "second";
    return answered;
  }

  async look() {
    if (!(await this.reached())) return;
    // A browser that does not answer is asked again at the next look.
    if (await settle().catch(() => false)) await this.list();
  }

  async list() {
    const known = await lines().catch(() => null);
    if (!known) return;
    this.querySelector("[data-lines]").hidden = known.length === 0;
    this.querySelector("[data-says-missing]").hidden = !known.some(({ missing }) => missing);
    this.querySelector("[data-list]").replaceChildren(...known.toReversed().map((line) => this.row(line)));
  }

  row(line) {
    const row = this.querySelector("template").content.cloneNode(true);
    row.querySelector("[data-sum]").textContent = show(line.minor);
    row.querySelector("[data-at]").textContent = moment(line.at);
    row.querySelector("[data-digits]").textContent = line.digits;
    const standing = standingOf(line);
    for (const tag of row.querySelectorAll("[data-standing]")) if (tag.dataset.standing !== standing) tag.remove();
    return row;
  }
}

function standingOf({ receipt, missing }) {
  if (receipt) return "confirmed";
  return missing ? "missing" : "waits";
}

/** Write the time of a line, with its day where that is not today. */
function moment(at) {
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  const day = isToday ? {} : { day: "numeric", month: "short" };
  return new Intl.DateTimeFormat(figures(), { ...day, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
}

customElements.define("wallet-outage", WalletOutage);
