// What was typed on a page, kept by this tab for the way back to it.

import { ofTab } from "./kept.js";

export class Typed {
  #place;
  #of;

  /** Keep under `place` what is typed for the one thing `of`; for another nothing is put back. */
  constructor(place, of) {
    this.#place = place;
    this.#of = of;
  }

  /** Keep what `fields` hold, by their names. */
  keep(fields) {
    this.#kept = { ...this.#kept, ...Object.fromEntries(fields.map(({ name, value }) => [name, value])) };
  }

  /** Put back into `fields` that are empty what was kept; what has no field here waits for a page that has one. */
  restore(fields) {
    const typed = this.#kept;
    for (const field of fields) {
      field.value ||= typed[field.name] ?? "";
      delete typed[field.name];
    }
    this.#kept = typed;
  }

  get #kept() {
    const { of, typed } = ofTab.read(this.#place) ?? {};
    return of === this.#of ? typed : {};
  }

  set #kept(typed) {
    ofTab.write(this.#place, { of: this.#of, typed });
  }
}
