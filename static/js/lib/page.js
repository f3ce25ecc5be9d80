// Shows a whole page that came with an answer, as if it had been read from its address.

/**
 * Turn to the page written in `html`, which lives at `address`, in place of the one shown now. Tells whether it did: a page
 * whose body is not marked `kind`, for instance a gateway's own, is left alone.
 */
export function turnTo(html, kind, address) {
  const page = new DOMParser().parseFromString(html, "text/html");
  if (!page.body.classList.contains(kind)) return false;
  history.replaceState(null, "", address);
  document.title = page.title;
  document.body.replaceWith(page.body);
  scrollTo(0, 0);
  document.querySelector("[autofocus]")?.focus();
  return true;
}
