// What a cashier has typed: sums added up, cents first, and the part of them that is taken in cash.

import { MAX_MINOR } from "./money.js";

const BASE = 10;

/** Hold one sum in the making. Everything is in minor units. */
export class Entry {
  constructor() {
    this.clear();
  }

  /** Forget everything. */
  clear() {
    this.added = [];
    this.typed = 0;
    this.cash = 0;
    this.inCash = false;
  }

  /** Give another that holds the same. */
  copy() {
    return Object.assign(new Entry(), this, { added: [...this.added] });
  }

  /** Take one digit at the end: 1, 2, 5, 0 is 12.50. A digit that no longer fits is left out. */
  digit(value) {
    const next = this.current * BASE + value;
    const others = this.inCash ? 0 : this.total - this.typed;
    if (others + next <= MAX_MINOR) this.current = next;
  }

  /** Take back the last digit, or the last sum added when no digit is left. */
  back() {
    if (this.current > 0) this.current = Math.trunc(this.current / BASE);
    else if (this.inCash) this.inCash = false;
    else if (this.added.length) this.typed = this.added.pop();
  }

  /** Put the sum typed so far on the line and begin the next. */
  add() {
    this.inCash = false;
    if (this.typed === 0) return;
    this.added.push(this.typed);
    this.typed = 0;
  }

  /** Let the next digits say how much is taken in cash; once more, and they say the sum again. */
  toggleCash() {
    this.inCash = !this.inCash;
  }

  /** Give the whole sum. */
  get total() {
    return this.added.reduce((sum, one) => sum + one, this.typed);
  }

  /** Give what is charged in RES; negative while the cash part is larger than the sum. */
  get res() {
    return this.total - this.cash;
  }

  /** Give the sums that make up the total, as they are shown. */
  get terms() {
    return this.typed || !this.added.length ? [...this.added, this.typed] : this.added;
  }

  get current() {
    return this.inCash ? this.cash : this.typed;
  }

  set current(minor) {
    if (this.inCash) this.cash = minor;
    else this.typed = minor;
  }
}
