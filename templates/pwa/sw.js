{# version: of the static files; files: the addresses that the phone keeps #}
/** Keeps the versioned static files of the pages without a network, and these pages: never one of a signed-in member. */

const VERSION = {{ version|tojson }};
const CACHE = `wallet-${VERSION}`;
const FILES = {{ files|tojson }};
const OFFLINE = "/offline";
// What whoever has just sent a form reads.
const UNANSWERED = "/unanswered";
// What a shop's tablet shows instead: how to check payments without a network.
const OUTAGE = "/outage";
const OF_TILLS = /^\/(tills\/|tablet|outage)/;
// Where what is kept is of use at a counter with a bad network, it must come up soon.
const SOON = ["/", "/code", OUTAGE];
const SOON_MS = 3000;

self.addEventListener("install", (event) => {
  event.waitUntil(fillCache());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(discardOthers());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith(page(request, address));
    event.waitUntil(refill().catch(() => {}));
  } else if (request.method === "GET" && address.pathname.startsWith(`/static/${VERSION}/`)) event.respondWith(keptFile(request));
});

/** Keep one version whole or nothing: while several servers are upgraded another may answer, and the browser then tries again. */
async function fillCache() {
  const cache = await caches.open(CACHE);
  const found = await Promise.all([...FILES.map(ownFile), ...[OFFLINE, OUTAGE, UNANSWERED].map(ownPage)]);
  for (const answer of found) await cache.put(answer.url, answer);
  await self.skipWaiting();
}

/** Fetch a static file. Rejects by a page, as somebody on the way may answer with, or a server of another version leads on to. */
async function ownFile(path) {
  const file = await fetch(path, { redirect: "error" });
  if (!file.ok || isPage(file)) throw new Error(`${path} is not there`);
  return file;
}

/** Fetch a page as a stranger, so that nothing of the member who is signed in can be in it. Rejects by one of another version. */
async function ownPage(path) {
  const page = await fetch(path, { credentials: "omit", cache: "no-store" });
  const isOurs = page.ok && (await page.clone().text()).includes(`/static/${VERSION}/`);
  if (!isOurs) throw new Error(`${path} is not there, or another version's`);
  return page;
}

/** A sign-out may take the files away and leave the worker: it is the same as before, and is not installed again. */
async function refill() {
  const cache = await caches.open(CACHE);
  if (!(await cache.match(UNANSWERED))) await fillCache();
}

async function discardOthers() {
  for (const name of await caches.keys()) {
    if (name !== CACHE) await caches.delete(name);
  }
  await self.clients.claim();
}

async function keptFile(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request)) ?? fetch(request);
}

function keptPage(request, address) {
  if (request.method !== "GET") return UNANSWERED;
  return OF_TILLS.test(address.pathname) ? OUTAGE : OFFLINE;
}

/** Read the page on which a form was filled in, or the one above it where that was itself an answer to a form. */
async function filledIn(request) {
  let { pathname, search } = new URL(request.referrer || "/", self.location.origin);
  while (pathname !== "/" && !(await fetch(pathname + search, { method: "HEAD" })).ok) {
    pathname = pathname.slice(0, pathname.lastIndexOf("/")) || "/";
    search = "";
  }
  return Response.redirect(pathname + search, 303);
}

/** Where that led, the browser still asks for what it keeps. */
function anew(request) {
  return new Request(request, { mode: "same-origin", cache: "default" });
}

/** Tell whether somebody on the way answers in place of a wallet that is away; what the wallet says itself carries its policy. */
function isAway({ status, headers }) {
  return status >= 500 && !headers.has("Content-Security-Policy");
}

function isPage({ headers }) {
  return headers.get("Content-Type")?.startsWith("text/html");
}

/** Ask the wallet for a page, to its last word: one that broke off stays as it is, and runs no script. Rejects without such an answer. */
async function answerTo(request, options) {
  const answer = await fetch(request, options);
  if (isAway(answer)) throw new Error(`the wallet is away: ${answer.status}`);
  return isPage(answer) ? new Response(await answer.blob(), answer) : answer;
}

/** The network first, and what is kept where it does not answer. */
async function page(request, address) {
  // Who is led on from what is kept adds a query, and has the time.
  const isSoon = SOON.includes(address.pathname) && !address.search;
  try {
    // Back onto the answer to a form, which nobody keeps: the browser sends nothing, so nothing is in doubt.
    if (request.cache === "only-if-cached") return await (request.method === "GET" ? answerTo(anew(request)) : filledIn(request));
    return await answerTo(request, isSoon ? { signal: AbortSignal.timeout(SOON_MS) } : undefined);
  } catch (trouble) {
    const cache = await caches.open(CACHE);
    const kept = await cache.match(keptPage(request, address));
    if (kept) return kept;
    throw trouble;
  }
}
