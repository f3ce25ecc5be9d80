// Puts sentences where people see and hear them, and reads what they typed.

/**
 * Tell, for those who hear the screen, what it shows; once, or `again` where the same has happened anew. A tablet that has
 * locked says nothing of it.
 */
export function tell(sentence, again = false) {
  const said = document.getElementById("said");
  if (said && (again || said.textContent.trim() !== sentence)) said.textContent = sentence;
}

/** Say what is wrong in `root`, where it is read aloud at once; no sentence takes it away. `again` shows its button. */
export function warn(root, sentence, again) {
  const place = root.querySelector("[data-trouble]");
  if (!place) return;
  place.hidden = !sentence;
  place.querySelector("[data-said]").textContent = sentence;
  place.querySelector("[data-again]").hidden = !again;
}

/** Take `sentence` away again, if it is the one that stands in `root`. */
export function unsay(root, sentence) {
  if (root.querySelector("[data-trouble] [data-said]")?.textContent === sentence) warn(root, "");
}

/** Give what a form holds, without its key and what was left empty. */
export function fieldsOf(form) {
  return Object.fromEntries([...new FormData(form)].filter(([name, value]) => name !== "key" && value !== ""));
}
