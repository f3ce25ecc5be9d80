// Bills and refunds that ended in front of the cashier need not stand among the parked ones as well.

import { ofTab } from "./kept.js";

const KEPT = 20;
const PLACE = "seen-bills";

let seen = ofTab.read(PLACE) ?? [];

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
