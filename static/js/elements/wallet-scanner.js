/**
 * <wallet-scanner accept="bill counter receive pair refund | receive | member" eager?="pressed | arrival">: the camera beside a
 * field where the code can be typed; eager, it opens at once where it is allowed.
 *
 * Emits `scanned` with {kind, value, text}. Each but a member's code is opened unless a listener prevents it; everything that is not
 * one of our own links of the accepted kind is refused in words and never navigated to.
 */
import { findReader, judge, openCamera, readCodes } from "../lib/scanner.js";
import { showState } from "../lib/states.js";

const SAME_AGAIN_MS = 3000;
// Hiding the page lets go of the camera and leaves these as they are, so that it goes on where it was.
const LOOKING = new Set(["starting", "running"]);

class WalletScanner extends HTMLElement {
  #stop;
  #stream;
  #last = { text: "", at: 0 };

  connectedCallback() {
    this.addEventListener("click", this);
    document.addEventListener("visibilitychange", this);
    addEventListener("pageshow", this);
    this.#greet();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this);
    removeEventListener("pageshow", this);
    this.stop();
  }

  handleEvent(event) {
    if (event.type === "pageshow") {
      // Back from what was found: its picture is over, and the same code may still be in front.
      if (event.persisted && this.dataset.state === "found") this.stop();
      return;
    }
    if (event.type === "visibilitychange") {
      if (document.hidden) this.#release();
      else if (LOOKING.has(this.dataset.state)) this.start();
      return;
    }
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act === "start") this.start();
    if (act === "light") this.#light(event.target.closest("[data-act]"));
  }

  /** Did somebody ask for the camera? By Back nobody asks to scan what they came from. */
  get #isAsked() {
    const [arrival] = performance.getEntriesByType("navigation");
    const eager = this.getAttribute("eager");
    return eager === "pressed" || (eager === "arrival" && arrival?.type !== "back_forward");
  }

  /** Explain first; a permission given before is not asked for again. */
  async #greet() {
    if (!globalThis.isSecureContext) return showState(this, "insecure");
    if (!navigator.mediaDevices?.getUserMedia) return showState(this, "missing");
    showState(this, "explain");
    const permission = await navigator.permissions?.query({ name: "camera" }).catch(() => undefined);
    if (permission?.state === "granted" && this.isConnected && this.#isAsked) this.start();
    if (permission?.state === "denied") showState(this, "denied");
  }

  /** Open the camera and look for codes until one is accepted. */
  async start() {
    this.#release();
    const stop = new AbortController();
    this.#stop = stop;
    showState(this, "starting");
    const reader = await findReader();
    if (stop.signal.aborted) return;
    if (!reader) return showState(this, "undecodable");
    try {
      const stream = await openCamera();
      if (stop.signal.aborted) return stream.getTracks().forEach((track) => track.stop());
      this.#stream = stream;
      // Another app took the camera, or its cable was pulled.
      stream.getVideoTracks()[0].addEventListener("ended", () => {
        if (this.#stream !== stream) return;
        this.#release();
        showState(this, "missing");
      });
      const video = this.querySelector("video");
      video.srcObject = stream;
      await video.play();
      if (stop.signal.aborted) return;
      showState(this, "running");
      this.#offerLight();
      await readCodes(video, reader, (text) => this.#found(text), stop.signal);
    } catch (trouble) {
      if (stop.signal.aborted) return;
      this.#release();
      const denied = ["NotAllowedError", "SecurityError"].includes(trouble?.name);
      showState(this, denied ? "denied" : "missing");
    }
  }

  /** Let go of the camera and go back to the explanation. */
  stop() {
    this.#release();
    showState(this, "explain");
  }

  #release() {
    this.#stop?.abort();
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = undefined;
  }

  #found(text) {
    const now = performance.now();
    if (text === this.#last.text && now - this.#last.at < SAME_AGAIN_MS) return;
    this.#last = { text, at: now };
    const link = judge(text, this.getAttribute("accept"), this.dataset.origin || location.origin);
    for (const part of this.querySelectorAll("[data-refused]")) part.hidden = part.dataset.refused !== link.refused;
    if (link.refused) return;
    const event = new CustomEvent("scanned", { bubbles: true, cancelable: true, detail: { ...link, text } });
    const mayGo = this.dispatchEvent(event);
    this.#release();
    showState(this, "found");
    // A till decides what it does with a member's code.
    if (mayGo && link.kind !== "member") location.assign(new URL(text).pathname);
  }

  #offerLight() {
    const button = this.querySelector('[data-act="light"]');
    if (button) button.hidden = !this.#stream?.getVideoTracks()[0]?.getCapabilities?.().torch;
  }

  async #light(button) {
    const on = button.getAttribute("aria-pressed") !== "true";
    const track = this.#stream?.getVideoTracks()[0];
    await track?.applyConstraints({ advanced: [{ torch: on }] }).then(
      () => button.setAttribute("aria-pressed", String(on)),
      () => { button.hidden = true; },
    );
  }
}

customElements.define("wallet-scanner", WalletScanner);
