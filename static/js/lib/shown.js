// What this screen has shown as paid, so that the end of a shift can be held against the ledger.

import { ofDevice } from "./kept.js";

const PLACE = "shown-paid";
const KEPT = 2_000;

/** Note receipts that stand on the screen of `till`, in the shift `shift`. */
export function noteShown(till, shift, refs) {
  const known = shownAt(till, shift);
  const fresh = refs.filter((ref) => ref && !known.includes(ref));
  if (!shift || fresh.length === 0) return;
  // Without storage the ledger's own check has to do.
  ofDevice.write(`${PLACE}:${till}`, { shift, refs: [...known, ...fresh].slice(-KEPT) });
}

/** The receipts that this screen has shown at `till` in the shift `shift`. */
export function shownAt(till, shift) {
  const kept = ofDevice.read(`${PLACE}:${till}`);
  return kept?.shift === shift ? kept.refs : [];
}

/** Does the page of the till called `name` show a payment, and none that is not among the receipts `known`? */
export function showsOnly(known, page, name) {
  const { screen, paid } = new DOMParser().parseFromString(page, "text/html").querySelector(name)?.dataset ?? {};
  return screen === "paid" && paid.split(" ").every((receipt) => known.has(receipt));
}
