// What a till charges: a bill, a correction, or a member by the code that was scanned. One at a time, and each takes the
// place of the one before, also of one that was never answered: what the cashier charges next is instead of it.

import { forget, pending, post, Refused } from "./api.js";
import { showsOnly } from "./shown.js";

/** Sends what `till`, a <wallet-till>, charges, and has it show what became of it. */
export class Charging {
  #till;
  #slot;
  #unsaid = null;

  constructor(till) {
    this.#till = till;
    this.#slot = `charge:${till.dataset.till}`;
  }

  /** Send `fields`, those of a scan with the member's `token`; what is pressed before the answer has come is not sent. */
  async send(url, fields, resumed = false) {
    const till = this.#till;
    if (till.busy) return;
    till.wait(true);
    try {
      const answer = await post(url, fields, { slot: this.#slot, page: true });
      if (!answer.address) return location.assign(`/refunds/${answer.body.refund}`);
      // A payment that was on this screen already: the same sum, charged again, is another customer's. A code is one member's.
      const isOthers = answer.replayed && !fields.token && showsOnly(till.paid, answer.body, till.localName);
      if (!isOthers) return till.land(answer);
      till.wait(false);
      if (!resumed) this.send(url, fields);
    } catch (trouble) {
      this.#refused(trouble, fields);
    }
  }

  /**
   * On a page that is read anew, ask again for what was sent last and never answered, with the same key. A page that goes on
   * does not: there the cashier was told, and has decided. So has who comes to it from another one, as from a receipt at which
   * they looked; and who unlocks a tablet has charged nothing yet.
   */
  resume() {
    const { lost } = this;
    if (lost && !isComing()) this.send(lost.url, lost.fields, true);
    else this.drop();
  }

  /** Ask no more for what was sent last: the cashier has given it up. */
  drop() {
    forget(this.#slot);
  }

  /** What was sent last, not long ago, and never answered. */
  get lost() {
    return pending(this.#slot);
  }

  /** Have it said why nothing came of it, and whether that is known; who is signed out reads it on a page of its own. */
  #refused(trouble, { token }) {
    const till = this.#till;
    if (trouble.status === 401) return location.assign(till.address({ left: trouble.inDoubt ? "unknown" : "undone" }));
    if (trouble.code === "cash_part_required") till.dataset.partRequired = trouble.title;
    const unanswered = token ? till.dataset.unansweredScan : till.dataset.unanswered;
    const isKnown = trouble instanceof Refused && !trouble.inDoubt;
    this.#unsaid = [isKnown ? trouble.title : unanswered, trouble.code === "looks_repeated"];
    till.wait(false);
    this.say();
  }

  /** Say why nothing came of a charge, once the keypad is in front: beside a bill it would be said of that one. */
  say() {
    if (!this.#unsaid || this.#till.dataset.screen !== "register") return;
    this.#till.say(...this.#unsaid);
    this.#unsaid = null;
  }
}

function isComing() {
  return ["navigate", "back_forward"].includes(performance.getEntriesByType("navigation")[0]?.type);
}
