// What was pressed at a till before it could be acted on.

import { burst } from "./burst.js";

const NAMED = { Backspace: "back", "+": "add", Escape: "clear", Delete: "clear", Enter: "charge" };
const KEYS = /^([0-9]+|back|add|clear|charge)$/;

/** Give in order what was pressed before the till's script was there, {key, event}; early.js, which has kept it, keeps no more. */
export function pressedEarly() {
  const takeover = new CustomEvent("takeover", { detail: [] });
  document.dispatchEvent(takeover);
  return takeover.detail;
}

/** Name the key of a keyboard as the keypad does, if it is one of its keys; null when it belongs to the browser. */
export function keyOf(event) {
  const key = NAMED[event.key] ?? event.key;
  return event.ctrlKey || event.metaKey || event.altKey || !KEYS.test(key) ? null : key;
}

/** Keeps what is typed for the next sale until its keypad is there. */
export class Ahead {
  #go;
  #keys = [];
  #onWay = false;

  constructor(go) {
    this.#go = go;
  }

  /** The screen is on its way to the keypad: every key from now on is for that one. */
  leave() {
    this.#onWay = true;
  }

  /** Take what a keyboard types; a code that a hand scanner has typed is no sum. */
  type(event, digitsBegin) {
    if (burst.take(event)) this.#keys = [];
    else {
      const key = keyOf(event);
      if (key && this.take(key, digitsBegin)) event.preventDefault();
    }
  }

  /** Take a key, which may begin the way, as a digit does where `digitsBegin`; tells whether it was one to take. */
  take(key, digitsBegin) {
    if (this.#onWay) this.#keys.push(key);
    else if (digitsBegin && /^[0-9]+$/.test(key)) this.#keys = [key];
    else if (key !== "clear") return false;
    if (!this.#onWay) this.#go();
    return true;
  }

  /** Give what was kept: the screen is there. */
  arrive() {
    this.#onWay = false;
    return this.#keys.splice(0);
  }
}
