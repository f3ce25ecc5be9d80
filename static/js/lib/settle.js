/** Ask the server which payments the lines were that a tablet checked alone. */
import { get } from "./api.js";
import { wire } from "./money.js";
import { answered, discardOld, lines } from "./outage.js";

/** Settle what can be, each line at the till where it was checked; tells whether any changed. Without an answer all wait. */
export async function settle() {
  let changed = await discardOld(Date.now());
  for (const line of (await lines()).filter(({ receipt }) => !receipt)) {
    const receipt = await receiptOf(line);
    if (receipt === null) return changed;
    if (!receipt && line.missing) continue;
    await answered(line, receipt);
    changed = true;
  }
  return changed;
}

/** Give the receipt of a line, an empty one where its till has none or is out of this tablet's reach, null without an answer. */
async function receiptOf({ till, minor, minute }) {
  const query = new URLSearchParams({ amount: wire(minor), minute: String(minute) });
  try {
    return (await get(`/tills/${encodeURIComponent(till)}/paid?${query}`)).body.receipt;
  } catch (trouble) {
    return trouble.status === 404 ? "" : null;
  }
}
