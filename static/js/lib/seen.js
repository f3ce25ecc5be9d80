// Bills and refunds that ended in front of the cashier need not stand among the parked ones as well; what ended there is told.

import { ofTab } from "./kept.js";
import { tell } from "./saying.js";

const KEPT = 20;
const PLACE = "seen-bills";

let seen = ofTab.read(PLACE) ?? [];
let front = null;
let ended = null;

/** Note that the end of the bill or refund `code` has been on the screen. */
export function see(code) {
  seen = [...seen.filter((one) => one !== code), code].slice(-KEPT);
  ofTab.write(PLACE, seen);
}

/** Hide those parked that have ended and been seen, and their section when none is left. */
export function hideSeen(section) {
  if (!section) return;
  const places = [...section.querySelectorAll("[data-code]")];
  for (const place of places) place.hidden = place.dataset.ended === "1" && seen.includes(place.dataset.code);
  section.hidden = places.every((place) => place.hidden);
}

/**
 * Tell, for those who hear the `till`, what has come to its front or is new there, and which of the parked have ended, in the
 * words in which they stand. What was told of another front holds no more; what a page shows at first is not told.
 */
export function report(till, turned) {
  const { said } = till.dataset;
  const news = turned || said !== front ? [said] : [];
  front = said;
  const over = [...till.querySelectorAll('[data-part=parked] [data-ended="1"]:not([hidden])')];
  const fresh = ended ? over.filter((place) => !ended.has(place.dataset.code)) : [];
  ended = new Set([...(ended ?? []), ...over.map((place) => place.dataset.code)]);
  news.push(...fresh.map((place) => place.textContent.replace(/\s+/g, " ").trim()));
  // Two bills of one sum may end alike.
  if (news.length) tell(news.join(" ").trim(), fresh.length > 0);
}
