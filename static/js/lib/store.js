/**
 * The few things that a phone keeps between visits, in one IndexedDB store.
 *
 * Keys that script cannot read out survive here: IndexedDB stores a CryptoKey as it is.
 */

const DATABASE = "res-wallet";
const STORE = "kept";

function opened(mode) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      // To look for what was never kept, or is forgotten, leaves no database behind.
      if (mode === "readonly") request.transaction.abort();
      else request.result.createObjectStore(STORE);
    };
    request.onsuccess = () => {
      // Let a sign-out in another tab delete the database under us.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("the store is held by another page"));
  });
}

async function act(mode, work) {
  const database = await opened(mode);
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
      transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** Read what is kept under `name`; undefined when nothing is, or when the browser keeps nothing. */
export async function recall(name) {
  try {
    return await act("readonly", (store) => store.get(name));
  } catch {
    return undefined;
  }
}

/** Keep `value` under `name`; throws when the browser refuses. */
export function keep(name, value) {
  return act("readwrite", (store) => store.put(value, name));
}

/** Keep under `name` what `work` makes of what is kept there, with nothing in between; throws when the browser refuses. */
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

/** Forget everything: the database itself goes. A browser that refuses has kept nothing. */
export function forgetAll() {
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
