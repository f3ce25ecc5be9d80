// What a till says of a sum before it is sent.

import { unsay, warn } from "./saying.js";

/** Say in `till` what nobody would take of what is to be sent, if there is something. */
export function isRefused(till, { amount, cash = 0 }) {
  const { empty, over } = till.dataset;
  const asked = !amount ? empty : Number(cash) > Number(amount) ? over : "";
  if (asked) warn(till, asked);
  return Boolean(asked);
}

/** While a sum is typed, take back what no longer holds of it, and say at once when its cash is too much. */
export function weigh(till, entry) {
  const { empty, partRequired, over } = till.dataset;
  const isOver = entry.total > 0 && entry.res < 0;
  for (const asked of isOver ? [empty, partRequired] : [empty, partRequired, over]) unsay(till, asked);
  // While the sum itself is typed, each of its digits makes the next try; only its last one tells.
  if (isOver && entry.inCash) warn(till, over);
}
