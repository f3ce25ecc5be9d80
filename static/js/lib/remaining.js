/**
 * Give a function that tells how many of `milliseconds` are left, from now on. The steady clock stops in sleep on some
 * systems, and the other one may be set: the one that has gone further counts, and a look at the server tells the rest.
 */
export function remaining(milliseconds) {
  const steady = performance.now() + milliseconds;
  const day = Date.now() + milliseconds;
  return () => Math.max(0, Math.min(steady - performance.now(), day - Date.now()));
}
