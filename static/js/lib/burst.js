// Tells a hand scanner, which types a whole code faster than any hand, from a person who types a sum.

const FASTEST_HAND_MS = 50;
// No sum holds a letter, and each code begins with one.
const OF_A_CODE = /[a-z]/i;

export class Burst {
  #text = "";
  #last = -Infinity;
  #isCode = false;

  /** Take a key: null when a hand may have pressed it, "" within a code, and the whole code with the Enter that ends it. */
  take(event) {
    if (event.key.length > 1 && event.key !== "Enter") return null;
    const quick = event.timeStamp - this.#last < FASTEST_HAND_MS;
    this.#last = event.timeStamp;
    if (!quick) [this.#text, this.#isCode] = ["", false];
    if (event.key === "Enter") return this.#isCode ? this.#text : null;
    if (!this.#isCode && !OF_A_CODE.test(event.key)) return null;
    this.#isCode = true;
    this.#text += event.key;
    return quick ? "" : null;
  }
}
