/**
 * Payments that a cut-off till checks by six digits: HMAC-SHA-256 over a purpose, the sum and the minute, under a key of
 * the till that script cannot read out; the first eight bytes, modulo a million.
 */
import { fromBase64Url } from "./paycode.js";
import { change, keep, recall } from "./store.js";

const PURPOSE = new TextEncoder().encode("res-wallet paid 1");
const MINUTE_MS = 60_000;
// The payer needs a moment to show the screen, and two clocks are never quite alike.
const MINUTES_BACK = 3;
const MINUTES_AHEAD = 1;
const TAKEN_KEPT = 200;
const DAY_MS = 86_400_000;

/** Keep the key of `till` ({till, key, coop, name}), not extractable. */
export async function keepTill({ till, key, coop, name }) {
  const secret = await crypto.subtle.importKey("raw", fromBase64Url(key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  await keep("till", { till, secret, coop, name });
}

/** The till whose key this tablet keeps; undefined for any other device. */
export function keptTill() {
  return recall("till");
}

/** The digits of a payment of `minor`, RES and cash together, in `minute`. */
async function digitsFor(secret, minor, minute) {
  const message = new Uint8Array(PURPOSE.length + 16);
  message.set(PURPOSE, 0);
  const numbers = new DataView(message.buffer, PURPOSE.length);
  numbers.setBigUint64(0, BigInt(minor), false);
  numbers.setBigUint64(8, BigInt(minute), false);
  const head = new DataView(await crypto.subtle.sign("HMAC", secret, message));
  return String(head.getBigUint64(0, false) % 1_000_000n).padStart(6, "0");
}

/** The minute that `milliseconds` of the server's time since 1970 fall into. */
function minuteAt(milliseconds) {
  return Math.floor(milliseconds / MINUTE_MS);
}

/** Find the minute around `milliseconds` for which the digits are right; null when there is none. */
export async function minuteOf(secret, minor, digits, milliseconds) {
  const now = minuteAt(milliseconds);
  for (let minute = now + MINUTES_AHEAD; minute >= now - MINUTES_BACK; minute--) {
    if (await digitsFor(secret, minor, minute) === digits) return minute;
  }
  return null;
}

/** The lines that were checked without a network, oldest first: {till, minor, digits, minute, at, receipt, missing}. */
export async function lines() {
  return (await recall("outage")) ?? [];
}

/** Note payments that the till itself has shown as paid, each as "sum@minute": their digits pay nothing any more. */
export function noteTaken(payments) {
  return change("taken", (known = []) => [...new Set([...known, ...payments])].slice(-TAKEN_KEPT));
}

/** Add a line; false when its digits have been used: one payment pays once. */
export async function add(line) {
  if (((await recall("taken")) ?? []).includes(`${line.minor}@${line.minute}`)) return false;
  let added = false;
  await change("outage", (known = []) => {
    added = !known.some((one) => isSame(one, line));
    return added ? [...known, line] : known;
  });
  return added;
}

/** Note what the till answered for a line: the receipt of its payment, or an empty one where it has none. */
export async function answered(line, receipt) {
  await change("outage", (known = []) => known.map((one) => (isSame(one, line) ? { ...one, receipt, missing: !receipt } : one)));
}

/**
 * Drop what nobody looks for any more `now`: confirmed lines after a day, missing ones after a week, those that no till answers
 * for after a month; tells whether any went.
 */
export async function discardOld(now) {
  if (!(await lines()).some((line) => isOld(line, now))) return false;
  await change("outage", (known = []) => known.filter((line) => !isOld(line, now)));
  return true;
}

function isOld({ receipt, missing, at }, now) {
  if (receipt) return now - at > DAY_MS;
  return now - at > (missing ? 7 : 30) * DAY_MS;
}

function isSame(one, other) {
  return one.minor === other.minor && one.minute === other.minute;
}
