// <wallet-keypad>: turns the plain form of a till into keys and a large sum.
// The form's own fields stay and are filled, so that it is sent like any other.

import { keyOf } from "../lib/ahead.js";
import { burst } from "../lib/burst.js";
import { Entry } from "../lib/entry.js";
import { show, typed, wire } from "../lib/money.js";
import { judge } from "../lib/scanner.js";

const WRITES = "input:not([type=hidden]), textarea, select";
const ACTS = "a, button, summary, label";
const WHOLE_BP = 10_000;

class WalletKeypad extends HTMLElement {
  connectedCallback() {
    this.entry = new Entry();
    this.till = this.closest("wallet-till");
    this.form = this.querySelector("form");
    for (const part of this.querySelectorAll("[data-with-keys]")) part.hidden = false;
    for (const part of this.querySelectorAll("[data-without-keys]")) part.hidden = true;
    this.take(this.form.elements.amount.value, this.form.elements.cash.value);
    this.leave = new AbortController();
    const options = { signal: this.leave.signal };
    this.addEventListener("click", this.clicked, options);
    // A touched key must not keep the focus: Enter on a real keyboard means Charge.
    this.addEventListener("mousedown", (event) => event.target.closest("[data-key]") && event.preventDefault(), options);
    document.addEventListener("keydown", this.typed, options);
    this.draw();
  }

  disconnectedCallback() {
    this.leave.abort();
  }

  /** Press one key by its name: a digit, 00, back, add, clear, cash, need or charge. */
  press(key) {
    // What is out is pressed again as it was, should no answer come: it takes no further digit.
    if (this.till.busy) return;
    if (key === "charge") return this.form.requestSubmit();
    if (/^[0-9]+$/.test(key)) for (const digit of key) this.entry.digit(Number(digit));
    else if (key === "back") this.entry.back();
    else if (key === "add") this.entry.add();
    else if (key === "clear") this.entry.clear();
    else if (key === "cash") this.entry.toggleCash();
    else if (key === "need") this.entry.cash = this.need;
    else return;
    this.changed();
  }

  changed() {
    this.draw();
    this.dispatchEvent(new CustomEvent("typed", { bubbles: true }));
  }

  /** Begin with what the form held when it came back, if those were sums. */
  take(amount, cash) {
    this.entry.typed = typed(amount) ?? 0;
    this.entry.cash = typed(cash) ?? 0;
  }

  /** Give how much cash the co-op asks for beside the RES it takes; sums are too large to be multiplied whole. */
  get need() {
    const { total } = this.entry;
    const part = Number(this.dataset.resPart);
    return total - Math.trunc(total / WHOLE_BP) * part - Math.trunc(((total % WHOLE_BP) * part) / WHOLE_BP);
  }

  clicked = (event) => {
    const reference = event.target.closest("summary")?.parentElement;
    if (reference && !reference.open) {
      event.preventDefault();
      reference.open = true;
      reference.querySelector("input").focus();
    }
    const key = event.target.closest("[data-key], [data-need-button]");
    if (key) this.press(key.dataset.key ?? "need");
  };

  typed = (event) => {
    if (!(event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented)) this.type(event);
  };

  /** Take a key of a keyboard, of which a hand scanner is one. */
  type(event) {
    const field = event.target.closest?.(WRITES);
    const code = burst.take(event, Boolean(field));
    if (burst.begins && event.key.length === 1) this.before = { entry: this.entry.copy(), field, text: field?.value };
    // In a field, and in front of the camera, keys are not the till's, but a member's code is nothing else.
    if ((field || document.querySelector("dialog[open]")) && !judge(code, "member").kind) return;
    if (code !== null) {
      event.preventDefault();
      if (code) this.scanned(code);
      return;
    }
    if (event.key === "Enter" && event.target.closest?.(ACTS)) return;
    const key = keyOf(event);
    if (!key) return;
    this.press(key);
    event.preventDefault();
  }

  /** What a hand scanner has typed is no sum and no reference: it goes. */
  scanned(code) {
    // One that began on the screen before has typed nothing here but its end.
    const { entry, field, text } = this.before ?? { entry: new Entry() };
    this.entry = entry;
    if (field) field.value = text;
    this.draw();
    this.dispatchEvent(new CustomEvent("handscanned", { bubbles: true, detail: code }));
  }

  draw() {
    const { entry } = this;
    const { amount, cash } = this.form.elements;
    amount.value = entry.total ? wire(entry.total) : "";
    cash.value = entry.cash ? wire(entry.cash) : "";
    const sum = this.querySelector("[data-sum]");
    const res = Math.max(0, entry.res);
    sum.value = wire(res);
    sum.firstChild.textContent = show(res);
    sum.dataset.length = String(show(res).length);
    this.querySelector("[data-key=cash]").setAttribute("aria-pressed", String(entry.inCash));
    const adder = this.querySelector("[data-adder]");
    adder.textContent = entry.cash || entry.inCash
      ? this.say("cash", { total: show(entry.total), cash: show(entry.cash) })
      : entry.terms.length > 1 || entry.added.length ? entry.terms.map(show).join(" + ") : "";
    const needed = this.querySelector("[data-need-button]");
    if (needed) {
      needed.hidden = this.need <= entry.cash;
      needed.textContent = this.say("need", { need: show(this.need) });
    }
    const charge = this.querySelector("[data-charge-button]");
    const kind = entry.total === 0 || entry.res < 0 ? "nothing" : res === 0 ? "inCash" : "charge";
    charge.textContent = this.say(kind, { sum: show(res), cash: show(entry.cash) });
  }

  say(name, values) {
    return this.dataset[name].replace(/\{(\w+)\}/g, (_, word) => values[word]);
  }
}

customElements.define("wallet-keypad", WalletKeypad);
