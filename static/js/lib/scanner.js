/**
 * Reading QR codes from a camera: the browser's own detector where it has one that finds them, else the bundled decoder.
 *
 * What a code says is judged here, too: only links of our own origin count, and only of the kind asked for.
 */

const PATHS = {
  bill: /^\/b\/([0-9A-Za-z-]{8,12})\/?$/,
  counter: /^\/c\/([^/]{1,192})\/?$/,
  receive: /^\/to\/([0-9A-Za-z-]{8,12})\/?$/,
  refund: /^\/refunds\/([0-9A-Za-z-]{1,64})\/?$/,
  pair: /^\/pair\/([0-9A-Za-z-]{8,12})\/?$/,
  member: /^\/m\/([A-Za-z0-9_-]{8,128})\/?$/,
};
const LONGEST = 400;
const PAUSE = 110;
// Some two seconds: long enough to aim.
const TRUSTED_LOOKS = 18;

/**
 * Judge a scanned text: {kind, value} when it is ours and one of the kinds that `accept` names, else {refused: "foreign" | "other"}.
 *
 * "other" is a code of this federation of the wrong kind; nothing refused is ever navigated to.
 */
export function judge(text, accept, origin = location.origin) {
  if (typeof text !== "string" || text.length === 0 || text.length > LONGEST) return { refused: "foreign" };
  let link;
  try {
    link = new URL(text);
  } catch {
    return { refused: "foreign" };
  }
  if (link.origin !== origin || link.username || link.password || link.search || link.hash) return { refused: "foreign" };
  for (const [kind, path] of Object.entries(PATHS)) {
    const found = path.exec(link.pathname);
    if (found) return accept.split(" ").includes(kind) ? { kind, value: found[1] } : { refused: "other" };
  }
  return { refused: "other" };
}

async function nativeReader() {
  const Detector = globalThis.BarcodeDetector;
  if (!Detector) return undefined;
  const formats = await Detector.getSupportedFormats().catch(() => []);
  if (!formats.includes("qr_code")) return undefined;
  const detector = new Detector({ formats: ["qr_code"] });
  return async (video) => (await detector.detect(video))[0]?.rawValue;
}

function frameReader(decode) {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let turn = 0;
  return (video) => {
    const { videoWidth: width, videoHeight: height } = video;
    // In turn: the middle of the picture in full sharpness, and the whole of it made smaller.
    const near = turn++ % 2 === 0;
    const side = Math.min(width, height);
    const [w, h] = near ? [side, side] : [width, height];
    const scale = Math.min(1, (near ? 720 : 800) / Math.max(w, h));
    canvas.width = Math.round(w * scale);
    canvas.height = Math.round(h * scale);
    context.drawImage(video, (width - w) / 2, (height - h) / 2, w, h, 0, 0, canvas.width, canvas.height);
    try {
      return decode(context.getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      return undefined; // no code in this picture
    }
  };
}

async function bundledReader() {
  try {
    const { decodeQR } = await import("../../vendor/qr/decode.js");
    return frameReader(decodeQR);
  } catch {
    return undefined;
  }
}

/** Read with `native`, and with the bundled decoder beside it once that fails or has found nothing for a while. */
function doubting(native) {
  let looks = 0;
  let bundled;
  return async (video) => {
    // On a phone without the services that it stands on, a detector may fail at each look, or see nothing for ever.
    const text = await native(video).catch(() => { looks = TRUSTED_LOOKS; });
    looks = text ? 0 : looks + 1;
    if (looks < TRUSTED_LOOKS) return text;
    bundled ??= bundledReader();
    return (await bundled)?.(video);
  };
}

/** Find a reader `video -> text | undefined`; undefined when neither detector nor decoder is here. */
export async function findReader() {
  const native = await nativeReader();
  return native ? doubting(native) : bundledReader();
}

/** Open the camera at the back; throws as getUserMedia does. */
export function openCamera() {
  return navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
  });
}

/** Call `found(text)` for every code read from `video` until `signal` aborts; about nine looks a second. */
export async function readCodes(video, reader, found, signal) {
  while (!signal.aborted) {
    if (video.readyState >= 2 && video.videoWidth > 0) {
      const text = await Promise.resolve(reader(video)).catch(() => undefined);
      if (text && !signal.aborted) found(text);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
