/** Show the parts of `root` that are marked for `state` (data-when="one other"), hide the other marked ones. */
export function showState(root, state) {
  root.dataset.state = state;
  for (const part of root.querySelectorAll("[data-when]")) {
    part.hidden = !part.dataset.when.split(" ").includes(state);
  }
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
