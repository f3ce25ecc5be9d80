// Whether this tablet was locked where the server could not hear of it: whatever page comes next, it locks that first.

import { ofDevice } from "./kept.js";

const PLACE = "tablet-locked";

/** Note that the tablet is locked, or that the server knows. */
export function noteLocked(locked) {
  // Without storage the cover lasts as long as its page.
  if (locked) ofDevice.write(PLACE, true);
  else ofDevice.clear(PLACE);
}

/** Is there a lock that the server may not know of? */
export function isLocked() {
  return Boolean(ofDevice.read(PLACE));
}
