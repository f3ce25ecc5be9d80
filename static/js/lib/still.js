// A screen that has just turned: the second press of a double tap was meant for the one before.

const STILL_MS = 700;

/** Let `parts` of a screen that has just turned, which act for good, take no press for a moment. */
export function holdStill(parts) {
  for (const part of parts) part.inert = true;
  setTimeout(() => { for (const part of parts) part.inert = false; }, STILL_MS);
}
