// A reader of screens needs a moment to see that a status is there before it hears what changes in it.
const SEEN_MS = 250;

/** Show the parts of `root` that are marked for `state` (data-when="one other"), hide the other marked ones. */
export function showState(root, state) {
  root.dataset.state = state;
  for (const part of root.querySelectorAll("[data-when]")) {
    const shown = part.dataset.when.split(" ").includes(state);
    if (shown && part.hidden) readStatuses(part);
    part.hidden = !shown;
  }
}

/** Have the statuses of `part`, which comes into sight, read aloud: that they come is not told, only what changes in them. */
export function readStatuses(part) {
  const statuses = part.matches('[role="status"]') ? [part] : part.querySelectorAll('[role="status"]');
  if (statuses.length) setTimeout(() => statuses.forEach(readAnew), SEEN_MS);
}

function readAnew(status) {
  // What has the focus is read because of that, and would lose it.
  if (!status.contains(document.activeElement)) status.append(...status.childNodes);
}

/** Put `text` into every part of `root` called `name` (data-part="name"). */
export function fill(root, name, text) {
  for (const part of root.querySelectorAll(`[data-part="${name}"]`)) part.textContent = text;
}

/** Write seconds as m:ss. */
export function minutes(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
