// Whether this tablet was locked where the server could not hear of it: whatever page comes next, it locks that first.

const PLACE = "tablet-locked";

/** Note that the tablet is locked, or that the server knows. */
export function noteLocked(locked) {
  try {
    if (locked) localStorage.setItem(PLACE, "1");
    else localStorage.removeItem(PLACE);
  } catch {
    // Without storage the cover lasts as long as its page.
  }
}

/** Is there a lock that the server may not know of? */
export function isLocked() {
  try {
    return localStorage.getItem(PLACE) !== null;
  } catch {
    return false;
  }
}
