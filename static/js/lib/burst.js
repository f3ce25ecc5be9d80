// Tells a hand scanner, which types a whole code faster than any hand, from a person who types a sum.

const FASTEST_HAND_MS = 50;
// No sum holds a letter, and the code of a member begins with one.
const OF_A_CODE = /[a-z]/i;
// Numbers on goods have eight digits at least; no hand types as many in a row that fast.
const OF_GOODS = /^[0-9]{8,}$/;

class Burst {
  #text = "";
  #last = -Infinity;

  /** Whether the key that was taken last came after a pause, as the first of a code does. */
  begins = true;

  /** Take a key: null when a hand may have pressed it, "" within a code, and the whole code with the Enter that ends it. */
  take(event) {
    if (event.key.length > 1 && event.key !== "Enter") return null;
    this.begins = event.timeStamp - this.#last >= FASTEST_HAND_MS;
    this.#last = event.timeStamp;
    if (this.begins) this.#text = "";
    const isCode = OF_A_CODE.test(this.#text);
    if (event.key === "Enter") return isCode || OF_GOODS.test(this.#text) ? this.#text : null;
    this.#text += event.key;
    return isCode || (!this.begins && OF_A_CODE.test(event.key)) ? "" : null;
  }
}

/** A till has one keyboard: a code that begins on one screen may end on the next. */
export const burst = new Burst();
