/**
 * This phone as a maker of codes: its key, and the server's time.
 *
 * The private key is made not extractable, so neither this script nor a copied profile file gives it away in plain; what is
 * derived from it is an HMAC key that is not extractable either.
 */
import { Refused } from "./api.js";
import { fromBase64Url, makeToken, stepAt, toBase64Url } from "./paycode.js";
import { drop, keep, recall } from "./store.js";

const CURVE = { name: "ECDH", namedCurve: "P-256" };
const PATIENCE_MS = 3000;
const MAC = { name: "HMAC", hash: "SHA-256", length: 256 };

/** Can this browser make codes here? Key making needs a secure context. */
export function canMakeCodes() {
  try {
    return Boolean(globalThis.isSecureContext && globalThis.crypto?.subtle && globalThis.indexedDB);
  } catch {
    return false; // Some browsers throw where they are told to keep nothing.
  }
}

/** Read this phone's enrolment for the member `handle`; undefined when there is none. Throws Silent. */
export async function enrolled(handle) {
  const phone = await recall("phone");
  return phone && (!handle || phone.handle === handle) ? phone : undefined;
}

/**
 * Take what the server says anew of the enrolled member ({name, limit}, and whether the codes are `frozen`), and keep it for the
 * time without a network: no code waits for that.
 */
export function refresh(phone, { name, limit }, frozen) {
  if (!name || (phone.name === name && phone.limit === limit && phone.frozen === frozen)) return phone;
  const renewed = { ...phone, name, limit, frozen };
  keep("phone", renewed).catch(() => {});
  return renewed;
}

/** Forget the key of `phone`, which no till takes any more; one that was made meanwhile stays. Throws as `drop` does. */
export async function forgetKey(phone) {
  const kept = await recall("phone");
  if (kept && toBase64Url(kept.device) === toBase64Url(phone.device)) await drop("phone");
}

// The pair of which the server may have one half while no key is kept here: another try asks for the same phone with it.
let given;

/** May the server have added this phone in an `enrol` that failed? */
export function mayBeEnrolled() {
  return given !== undefined;
}

/**
 * Enrol this phone for `owner` ({handle, name, limit, origin}): make a key pair, hand the public half to `exchange`, derive and keep the HMAC key.
 *
 * `exchange(publicKey)` answers {device, public_key}, both base64url. Throws what `exchange` and `keep` throw.
 */
export async function enrol(owner, exchange) {
  const pair = given ?? (await makePair());
  const mine = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  given = pair;
  const answer = await exchange(toBase64Url(mine)).catch((trouble) => {
    if (trouble instanceof Refused && !trouble.inDoubt) given = undefined;
    throw trouble;
  });
  const theirs = await crypto.subtle.importKey("raw", fromBase64Url(answer.public_key), CURVE, false, []);
  const key = await crypto.subtle.deriveKey({ name: "ECDH", public: theirs }, pair.privateKey, MAC, false, ["sign"]);
  const phone = { ...owner, key, device: fromBase64Url(answer.device) };
  await keep("phone", phone);
  given = undefined;
  return phone;
}

async function makePair() {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["deriveKey"]);
  // A browser that keeps no keys adds no phone to the member's list.
  await keep("trial", pair.privateKey);
  await drop("trial");
  return pair;
}

/** The link that a till redeems, for the step that `milliseconds` of the server's time fall into. */
export async function codeLink(phone, milliseconds) {
  return `${phone.origin}/m/${await makeToken(phone.key, phone.device, stepAt(milliseconds))}`;
}

/** The server's time, from the phone's own clock and the offset measured at the last contact. */
export class ServerClock {
  #offset = 0;
  #anchor = Date.now() - performance.now();

  /** Take the offset that was remembered; without one the phone's own time has to do. Also after sleep. */
  async restore() {
    const remembered = await recall("clock").catch(() => undefined);
    this.#wake();
    if (remembered && Number.isFinite(remembered.offset)) this.#offset = remembered.offset;
    return remembered !== undefined;
  }

  /** Go by the phone's own time from here on: its steady clock may have stopped in sleep. */
  #wake() {
    this.#anchor = Date.now() - performance.now();
  }

  /** Measure against `address`, which answers {"now": milliseconds since 1970}; true when it answered. */
  async measure(address) {
    try {
      const sent = performance.now();
      const response = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
      const { now } = await response.json();
      if (!response.ok || !Number.isFinite(now)) return false;
      const middle = (sent + performance.now()) / 2;
      // What is kept must fit the phone's own clock as it is now: it may have been set since this one last went by it.
      this.#wake();
      this.#offset = now - (this.#anchor + middle);
      await keep("clock", { offset: this.#offset });
      return true;
    } catch {
      return false;
    }
  }

  /** Milliseconds of the server's time since 1970; runs on when the phone's clock is set meanwhile. */
  now() {
    return this.#anchor + performance.now() + this.#offset;
  }

  /** The same on a page that stays through sleep, which may stop the steady clock; the other may be set back. The later is right. */
  nowAwake() {
    return Math.max(this.now(), Date.now() + this.#offset);
  }
}
