const PATIENCE_MS = 7_000;

/** Tell whether the server answers. It is asked itself: the browser's own word about the network is often wrong. */
export function answers() {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  return fetch("/time", { cache: "no-store", signal }).then((response) => response.ok, () => false);
}
