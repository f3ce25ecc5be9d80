// What was pressed at a till before it could be acted on.

const NAMED = { Escape: "clear", Enter: "charge" };

/** Give in order what was pressed before the till's script was there, which early.js has kept; from now on it keeps no more. */
export function pressedEarly() {
  const takeover = new CustomEvent("takeover", { detail: [] });
  document.dispatchEvent(takeover);
  return takeover.detail;
}

/** Name the key of a keyboard as the keypad does; null when it belongs to the browser. */
export function keyOf(event) {
  return event.ctrlKey || event.metaKey || event.altKey ? null : NAMED[event.key] ?? event.key;
}
