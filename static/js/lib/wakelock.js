// Keeps the screen lit while somebody has to look at it. The system takes the lock when the page is hidden,
// so it is asked for again on return.

let wanted = false;
let lock = null;

/** Keep the screen lit from now on, or let it go dark again. */
export function keepAwake(on) {
  wanted = on;
  if (on) take();
  else drop();
}

async function take() {
  if (lock || !wanted || document.hidden || !navigator.wakeLock) return;
  try {
    const taken = await navigator.wakeLock.request("screen");
    // Asked for twice, or no longer wanted, while the system thought about it.
    if (lock || !wanted) return taken.release();
    lock = taken;
    taken.addEventListener("release", () => { lock = null; });
  } catch {
    // Refused, for instance on a low battery: the till works on, only darker.
  }
}

function drop() {
  lock?.release().catch(() => {});
  lock = null;
}

document.addEventListener("visibilitychange", take);
