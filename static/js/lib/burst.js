// Tells a hand scanner, which types a whole code as one, from a person who types a sum.

const FASTEST_HAND_MS = 50;
// Some are set to type no faster than a hand, and a radio link adds to that.
const SLOWEST_SCANNER_MS = 300;
// The link in a code begins with letters, of which a hand slips on one at most.
const OF_A_LINK = /^[a-z]{2}/i;
// No sum holds a letter, and the code of a member begins with one.
const OF_A_CODE = /[a-z]/i;
// Numbers on goods have eight digits at least; no hand types as many in a row that fast.
const OF_GOODS = /^[0-9]{8,}$/;

class Burst {
  #text = "";
  #last = -Infinity;

  /** Whether the key that was taken last came after a pause, as the first of a code does. */
  begins = true;

  /**
   * Take a key: null when a hand may have pressed it, "" within a code, and the whole code with the Enter that ends it.
   * In a field hands type words as well, and a code is told by its haste alone.
   */
  take(event, inField = false) {
    const ends = event.key === "Enter";
    if (event.key.length > 1 && !ends) return null;
    const inLink = !inField && OF_A_LINK.test(ends ? this.#text : this.#text + event.key);
    this.begins = event.timeStamp - this.#last >= (inLink ? SLOWEST_SCANNER_MS : FASTEST_HAND_MS);
    this.#last = event.timeStamp;
    if (this.begins) this.#text = "";
    const text = this.#text;
    const isCode = OF_A_CODE.test(text);
    this.#text = ends ? "" : text + event.key;
    if (ends) return isCode || OF_GOODS.test(text) ? text : null;
    return isCode || (!this.begins && OF_A_CODE.test(event.key)) ? "" : null;
  }
}

/** A till has one keyboard: a code that begins on one screen may end on the next. */
export const burst = new Burst();
