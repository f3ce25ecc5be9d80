/** Ask the server which payments the lines were that a tablet checked alone. */
import { get } from "./api.js";
import { wire } from "./money.js";
import { confirm, lines } from "./outage.js";

/** Confirm what can be confirmed at `till`; tells whether any line changed. Without an answer all of them wait. */
export async function settle(till) {
  let changed = false;
  for (const line of (await lines()).filter(({ receipt }) => !receipt)) {
    const query = new URLSearchParams({ amount: wire(line.minor), minute: String(line.minute) });
    try {
      const { body } = await get(`/tills/${encodeURIComponent(till)}/paid?${query}`);
      if (!body.receipt) continue;
      await confirm(line, body.receipt);
      changed = true;
    } catch {
      return changed;
    }
  }
  return changed;
}
