/**
 * The member's code: 23 bytes that a till may redeem once, made without a network.
 *
 *   0x01 | device id, 6 bytes | step, 4 bytes big endian | first 12 bytes of HMAC-SHA-256
 *
 * The step counts spans of 30 seconds of the server's time since 1970.
 */

const STEP_SECONDS = 30;
const VERSION = 1;
const DEVICE_BYTES = 6;
const MAC_BYTES = 12;
const PURPOSE = new TextEncoder().encode("res-wallet member code 1");

/** Write bytes as base64url without padding. */
export function toBase64Url(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Read base64url without padding; throws on anything else. */
export function fromBase64Url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new TypeError("not base64url");
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** The step that `milliseconds` of the server's time since 1970 fall into. */
export function stepAt(milliseconds) {
  return Math.floor(milliseconds / 1000 / STEP_SECONDS);
}

/** Whole seconds until the next step begins, 1 to 30. */
export function secondsLeft(milliseconds) {
  const passed = (milliseconds / 1000) % STEP_SECONDS;
  return Math.max(1, Math.ceil(STEP_SECONDS - passed));
}

/** The eleven bytes that the authenticator covers. */
export function head(device, step) {
  if (device.length !== DEVICE_BYTES) throw new TypeError("a device id has six bytes");
  const bytes = new Uint8Array(1 + DEVICE_BYTES + 4);
  bytes[0] = VERSION;
  bytes.set(device, 1);
  new DataView(bytes.buffer).setUint32(1 + DEVICE_BYTES, step, false);
  return bytes;
}

/** Make the token of `step`; `key` is an HMAC-SHA-256 key that need not be extractable. */
export async function makeToken(key, device, step) {
  const signed = head(device, step);
  const message = new Uint8Array(PURPOSE.length + signed.length);
  message.set(PURPOSE, 0);
  message.set(signed, PURPOSE.length);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, message));
  const token = new Uint8Array(signed.length + MAC_BYTES);
  token.set(signed, 0);
  token.set(mac.subarray(0, MAC_BYTES), signed.length);
  return toBase64Url(token);
}
