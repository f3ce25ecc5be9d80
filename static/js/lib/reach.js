const PATIENCE_MS = 7_000;

/** Tell the page, from `element` on, whether the server was reached. */
export function tellReached(element, isReached) {
  element.dispatchEvent(new CustomEvent(isReached ? "reached" : "unreached", { bubbles: true }));
}

/** Tell whether the server answers. It is asked itself: the browser's own word about the network is often wrong. */
export function answers() {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  return fetch("/time", { cache: "no-store", signal }).then((response) => response.ok, () => false);
}
