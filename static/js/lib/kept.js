// What a browser keeps under a name beside its database: this tab until it is closed, this device until it is cleared.

class Shelf {
  #find;
  #unkept = new Map();

  /** `find` gives the browser's storage; it throws where the browser may not keep anything. */
  constructor(find) {
    this.#find = find;
  }

  /** What is kept under `name`; null when nothing is, or when it cannot be read. */
  read(name) {
    if (this.#unkept.has(name)) return this.#unkept.get(name);
    try {
      return JSON.parse(this.#find().getItem(name));
    } catch {
      return null;
    }
  }

  /** Keep `value` under `name`: as long as the browser does, or else as long as this page is there. */
  write(name, value) {
    try {
      this.#find().setItem(name, JSON.stringify(value));
      this.#unkept.delete(name);
    } catch {
      // Storage is full, or switched off. What it held is no more so.
      this.clear(name);
      this.#unkept.set(name, value);
    }
  }

  /** Keep nothing under `name` any more. */
  clear(name) {
    this.#unkept.delete(name);
    try {
      this.#find().removeItem(name);
    } catch {
      // Where there is no storage, nothing was kept.
    }
  }
}

export const ofTab = new Shelf(() => sessionStorage);
export const ofDevice = new Shelf(() => localStorage);
// Where this tab keeps what a person typed into a form of their own.
export const ON_A_FORM = "form-typed";
