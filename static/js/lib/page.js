// Shows a whole page that came with an answer, as if it had been read from its address.

import { readStatuses } from "./states.js";

/** Turn to the page written in `html`, which lives at `address` and needs no other scripts, in place of the one shown now. */
export function turnTo(html, address) {
  const page = new DOMParser().parseFromString(html, "text/html");
  history.replaceState(null, "", address);
  document.title = page.title;
  document.body.replaceWith(page.body);
  scrollTo(0, 0);
  document.querySelector("[autofocus]")?.focus();
  readStatuses(document.body);
}
