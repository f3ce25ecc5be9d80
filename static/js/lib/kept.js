// What a browser keeps under a name beside its database: this tab until it is closed, this device until it is cleared.

class Shelf {
  #find;

  /** `find` gives the browser's storage; it throws where the browser may not keep anything. */
  constructor(find) {
    this.#find = find;
  }

  /** What is kept under `name`; null when nothing is, or when it cannot be read. */
  read(name) {
    try {
      return JSON.parse(this.#find().getItem(name));
    } catch {
      return null;
    }
  }

  /** Keep `value` under `name` where the browser keeps anything: whoever reads it gets on without. */
  write(name, value) {
    try {
      this.#find().setItem(name, JSON.stringify(value));
    } catch {
      // Storage is full, or switched off.
    }
  }

  /** Keep nothing under `name` any more. */
  clear(name) {
    try {
      this.#find().removeItem(name);
    } catch {
      // Where there is no storage, nothing was kept.
    }
  }
}

export const ofTab = new Shelf(() => sessionStorage);
export const ofDevice = new Shelf(() => localStorage);
