// What was pressed at a till before it could be acted on.

const NAMED = { Backspace: "back", "+": "add", Escape: "clear", Delete: "clear", Enter: "charge" };
const KEYS = /^([0-9]+|back|add|clear|charge)$/;

/** Give in order what was pressed before the till's script was there, which early.js has kept; from now on it keeps no more. */
export function pressedEarly() {
  const takeover = new CustomEvent("takeover", { detail: [] });
  document.dispatchEvent(takeover);
  return takeover.detail;
}

/** Name the key of a keyboard as the keypad does, if it is one of its keys; null when it belongs to the browser. */
export function keyOf(event) {
  const key = NAMED[event.key] ?? event.key;
  return event.ctrlKey || event.metaKey || event.altKey || !KEYS.test(key) ? null : key;
}
