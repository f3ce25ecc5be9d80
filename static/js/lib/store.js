/**
 * The few things that a phone keeps between visits, in one IndexedDB store.
 *
 * Keys that script cannot read out survive here: IndexedDB stores a CryptoKey as it is. Browsers of Safari's make may never
 * answer after a page was left while it wrote: who asks is then told (Silent), and does not wait forever.
 */

const DATABASE = "res-wallet";
const STORE = "kept";
const PATIENCE_MS = 2_500;
// Of whoever signs out on a tablet none of this is.
const OF_A_TILL = ["till", "taken", "outage"];

/** The browser did not answer in time; what it keeps stays as it was, unless it was at its end with the change. */
export class Silent extends Error {}

/** Settle as `work(resolve, reject)` does; reject with Silent, and call `late`, when it does neither in time. */
async function inTime(work, late) {
  let patience;
  const silence = new Promise((_, reject) => {
    patience = setTimeout(() => {
      reject(new Silent());
      late();
    }, PATIENCE_MS);
  });
  try {
    return await Promise.race([new Promise(work), silence]);
  } finally {
    clearTimeout(patience);
  }
}

function opened(mode) {
  let late = false;
  return inTime((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      // To look for what was never kept, or is forgotten, leaves no database behind.
      if (mode === "readonly" || late) request.transaction.abort();
      else request.result.createObjectStore(STORE);
    };
    request.onsuccess = () => {
      if (late) return request.result.close();
      // Let a sign-out in another tab delete the database under us.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("the store is held by another page"));
  }, () => {
    late = true;
  });
}

function giveUp(transaction) {
  try {
    transaction.abort();
  } catch {
    // It is at its end already, and cannot be called back.
  }
}

async function act(mode, work) {
  // Where one request is never answered, the next may be.
  const database = await opened(mode).catch((trouble) => {
    if (trouble instanceof Silent) return opened(mode);
    throw trouble;
  });
  try {
    const transaction = database.transaction(STORE, mode);
    return await inTime((resolve, reject) => {
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
      transaction.onerror = () => reject(transaction.error);
    }, () => giveUp(transaction));
  } finally {
    database.close();
  }
}

/** Read what is kept under `name`; undefined when nothing is, or when the browser keeps nothing. Throws Silent. */
export async function recall(name) {
  try {
    return await act("readonly", (store) => store.get(name));
  } catch (trouble) {
    if (trouble instanceof Silent) throw trouble;
    return undefined;
  }
}

/** Keep `value` under `name`; throws when the browser refuses, and Silent. */
export function keep(name, value) {
  return act("readwrite", (store) => store.put(value, name));
}

/** Keep under `name` what `work` makes of what is kept there, with nothing in between; throws as `keep` does. */
export function change(name, work) {
  return act("readwrite", (store) => {
    const request = store.get(name);
    request.onsuccess = () => store.put(work(request.result), name);
    return request;
  });
}

/** Forget what is kept under `name`. */
export function drop(name) {
  return act("readwrite", (store) => store.delete(name));
}

/**
 * Forget all that is a person's. What a tablet keeps of its till stays; where there is none the database itself goes.
 * A browser that refuses has kept nothing.
 */
export async function forgetPerson() {
  const till = await recall("till").catch(() => undefined);
  await (till ? dropAllBut(OF_A_TILL).catch(() => {}) : dropDatabase());
}

function dropAllBut(names) {
  return act("readwrite", (store) => {
    const request = store.getAllKeys();
    request.onsuccess = () => request.result.filter((name) => !names.includes(name)).forEach((name) => store.delete(name));
    return request;
  });
}

function dropDatabase() {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.deleteDatabase(DATABASE);
      request.onsuccess = resolve;
      request.onerror = resolve;
      request.onblocked = resolve;
    } catch {
      resolve();
    }
  });
}
