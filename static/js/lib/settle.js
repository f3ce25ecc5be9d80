/** Ask the server which payments the lines were that a tablet checked alone. */
import { get, Refused } from "./api.js";
import { wire } from "./money.js";
import { answered, discardOld, lines } from "./outage.js";

/** Settle what can be, each line at the till where it was checked; tells whether any changed. Without an answer all wait. */
export async function settle() {
  let changed = false;
  const silent = new Set();
  for (const line of (await lines()).filter(({ receipt }) => !receipt)) {
    if (silent.has(line.till)) continue;
    const receipt = await receiptOf(line);
    if (receipt === null) return changed;
    // Whoever is signed in may not look there, which says nothing of the payment; the lines of other tills have their answers.
    if (receipt === undefined) silent.add(line.till);
    else if (receipt || !line.missing) {
      await answered(line, receipt);
      changed = true;
    }
  }
  return (await discardOld(Date.now())) || changed;
}

/** Give the receipt of a line, an empty one where its till has none, undefined where the till refuses, null without an answer. */
async function receiptOf({ till, minor, minute }) {
  const query = new URLSearchParams({ amount: wire(minor), minute: String(minute) });
  try {
    return (await get(`/tills/${encodeURIComponent(till)}/paid?${query}`)).body.receipt;
  } catch (trouble) {
    return trouble instanceof Refused ? undefined : null;
  }
}
