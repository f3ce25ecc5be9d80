// Sends to our own server, reads from it, and tells a refusal from silence.
//
// A money request carries a key made here. The key and what it stands for are stored before the first byte leaves,
// so a lost reply, a reload or a second press repeats the same request and never makes a second one.
// Who asks is judged before the key is looked up, and a server in trouble looks at nothing: after a lost reply such a refusal
// does not tell what became of the first.

import { ofTab } from "./kept.js";

const PREFIX = "sent:";
export const PAUSES_MS = [400, 1200, 3000];
export const PATIENCE_MS = 10_000;
// What was sent longer ago than this is no longer what somebody means who sends the same again. Nor is what a clock that was
// set back meanwhile has sent that long ahead of its time.
const RESUME_WITHIN_MS = 60_000;
const LONGEST_WAIT_MS = 5_000;
const JSON_ALONE = "application/json";
const PAGE = "application/problem+json, text/html;q=0.9";
export const ABOUT_WHO_ASKS = [401, 403, 404, 429];

/**
 * The server said no. `title` is the sentence for people, `code` the bare word for programs; `inDoubt` tells that the same
 * request was sent before, went unanswered, and may have been carried out.
 */
export class Refused extends Error {
  constructor(status, problem, retryAfter) {
    super(problem.title ?? "");
    this.name = "Refused";
    this.status = status;
    this.code = problem.type ?? "";
    this.title = problem.title ?? "";
    this.details = problem;
    this.retryAfter = retryAfter;
    this.inDoubt = false;
  }
}

/** No answer came, also not to the repeats: it is not known whether the request was carried out. */
class Unanswered extends Error {
  constructor() {
    super("no answer");
    this.name = "Unanswered";
  }
}

/** Make a random UUID, also where `crypto.randomUUID` is kept from plain http. */
function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Tell what was sent under `slot`, not long ago, and not answered yet: `{url, fields, key, at}` or null. */
export function pending(slot) {
  const sent = ofTab.read(PREFIX + slot);
  return sent && Math.abs(Date.now() - sent.at) < RESUME_WITHIN_MS ? sent : null;
}

/** Drop what was sent under `slot`, once its outcome is known. */
export function forget(slot) {
  ofTab.clear(PREFIX + slot);
}

/**
 * Send `fields` to `url` as JSON. With a `slot` the request carries a key, which is kept under that name and used
 * again for the same content until an answer has come; without one, `unanswered` tells that the same was sent before.
 * With `page` the answer's body is the page that the act leads to, as text, and `address` where that page lives; a
 * refusal is the same with and without.
 * Resolves to `{status, body, address, replayed}`; rejects with Refused or Unanswered.
 */
export async function post(url, fields = {}, { slot = null, unanswered = false, page = false } = {}) {
  if (!slot) return repeat(url, fields, { unanswered, page });
  const kept = sentBefore(slot, url, fields);
  const key = kept?.key ?? newKeyFor(slot, url, fields);
  try {
    const answer = await repeat(url, { ...fields, key }, { unanswered: Boolean(kept), page });
    forget(slot);
    return answer;
  } catch (trouble) {
    // A refusal leaves its key free; silence and a failure of the server do not tell what was done.
    if (trouble instanceof Refused && trouble.status < 500 && !trouble.inDoubt) forget(slot);
    throw trouble;
  }
}

/** Read JSON from `url`; rejects like `post`. */
export async function get(url) {
  return once(url, { headers: { Accept: JSON_ALONE }, cache: "no-store" });
}

/** Send `form` as the browser would; resolves to the response, rejects when none came in time. */
export function sendForm(form) {
  const body = new URLSearchParams(new FormData(form));
  const signal = AbortSignal.timeout(PATIENCE_MS);
  return fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" }, signal });
}

function sentBefore(slot, url, fields) {
  const before = pending(slot);
  return before?.url === url && JSON.stringify(before.fields) === JSON.stringify(fields) ? before : null;
}

function newKeyFor(slot, url, fields) {
  const key = newKey();
  ofTab.write(PREFIX + slot, { url, fields, key, at: Date.now() });
  return key;
}

async function repeat(url, body, { unanswered, page }) {
  const init = {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: page ? PAGE : JSON_ALONE },
    body: JSON.stringify(body),
  };
  for (const pause of [...PAUSES_MS, null]) {
    try {
      return await once(url, init);
    } catch (trouble) {
      trouble.inDoubt = unanswered && (trouble.status >= 500 || ABOUT_WHO_ASKS.includes(trouble.status));
      unanswered ||= trouble instanceof Unanswered;
      const passing = trouble instanceof Unanswered || trouble.status === 503;
      if (!passing || pause === null) throw trouble;
      await sleep(Math.min(LONGEST_WAIT_MS, Math.max(pause, (trouble.retryAfter ?? 0) * 1000)));
    }
  }
}

async function once(url, init) {
  let response;
  let text;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
    text = await response.text();
  } catch {
    throw new Unanswered();
  }
  const type = response.headers.get("Content-Type") ?? "";
  if (response.ok) {
    const address = response.headers.get("Content-Location");
    // Each page of ours ends with this part.
    const page = init.headers.Accept === PAGE && address && text.includes("<wallet-pwa") ? text : null;
    const body = type.includes("json") ? parse(text) : page;
    // A gateway's own page, or none, says nothing about what our server did; ours comes where it was asked for, whole, and
    // says where it lives.
    if (body === null && response.status !== 204) throw new Unanswered();
    return { status: response.status, body, address, replayed: response.headers.has("Idempotent-Replay") };
  }
  const problem = type.startsWith("application/problem+json") ? parse(text) : null;
  // Neither does its error page.
  if (!problem) throw new Unanswered();
  throw new Refused(response.status, problem, Number(response.headers.get("Retry-After")) || null);
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Unanswered();
  }
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
