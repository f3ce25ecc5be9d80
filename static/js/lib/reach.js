const PATIENCE_MS = 7_000;

/** Tell the page, from `element` on, whether the server was reached. */
export function tellReached(element, isReached) {
  element.dispatchEvent(new CustomEvent(isReached ? "reached" : "unreached", { bubbles: true }));
}

/** Tell whether the server answers. It is asked itself: the browser's own word about the network is often wrong. */
export function answers() {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  // A network that lets nobody through has a page of its own for every address.
  return fetch("/time", { cache: "no-store", signal })
    .then(async (response) => response.ok && Number.isFinite((await response.json()).now))
    .catch(() => false);
}
