// Brings a page up to date with the same page read anew: the server's markup is the one description of a screen.

/** Read the page at `url`; null when it is not there for us any more, for instance after signing out elsewhere. */
export async function readPage(url, element) {
  const response = await fetch(url, { headers: { Accept: "text/html" }, cache: "no-store" });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const found = page.querySelector(element);
  return found ? { page, found } : null;
}

/**
 * Make `root` show what `fresh` shows. While the same thing is in front (data-front), only the parts whose data-stamp
 * differs are exchanged, so that nothing typed is lost. Tells whether something else came to the front.
 */
export function swap(root, fresh) {
  const turned = root.dataset.front !== fresh.dataset.front;
  if (turned) {
    root.replaceChildren(...fresh.childNodes);
  } else {
    for (const part of fresh.querySelectorAll("[data-stamp]")) {
      const old = root.querySelector(`[data-stamp][data-part="${part.dataset.part}"]`);
      if (old && old.dataset.stamp !== part.dataset.stamp) old.replaceWith(part);
    }
  }
  for (const [name, value] of Object.entries(fresh.dataset)) {
    if (root.dataset[name] !== value) root.dataset[name] = value;
  }
  return turned;
}
