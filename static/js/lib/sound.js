// Two rising notes when a bill is paid. Browsers let a page sound only after it has been touched once.

import { ofDevice } from "./kept.js";

const CHOICE = "till-sound";
const NOTES_HZ = [659.25, 987.77];
const NOTE_SECONDS = 0.16;

let context = null;

/** Tell whether the notes are switched on on this device. */
export function isOn() {
  return ofDevice.read(CHOICE) !== "off";
}

/** Switch the notes on or off on this device. */
export function turn(on) {
  ofDevice.write(CHOICE, on ? "on" : "off");
}

/** Open the way for later notes; call it from a touch or a key press. */
export function unlock() {
  const Context = globalThis.AudioContext ?? globalThis.webkitAudioContext;
  if (!Context) return;
  context ??= new Context();
  // Suspended, or interrupted by a call.
  if (context.state !== "running") context.resume().catch(() => {});
}

/** Play the two rising notes, if they are wanted and allowed. */
export function playPaid() {
  if (!isOn() || !context || context.state !== "running") return;
  NOTES_HZ.forEach((pitch, index) => note(pitch, context.currentTime + index * NOTE_SECONDS));
}

function note(pitch, start) {
  const tone = context.createOscillator();
  const level = context.createGain();
  tone.type = "triangle";
  tone.frequency.value = pitch;
  level.gain.setValueAtTime(0.0001, start);
  level.gain.exponentialRampToValueAtTime(0.4, start + 0.02);
  level.gain.exponentialRampToValueAtTime(0.0001, start + NOTE_SECONDS * 2);
  tone.connect(level).connect(context.destination);
  tone.start(start);
  tone.stop(start + NOTE_SECONDS * 2);
}
