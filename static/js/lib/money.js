// Money on a screen. Sums are whole minor units (12.50 is 1250), never fractions.

export const MAX_MINOR = 999_999_999_999;

/** Write a sum the way requests carry it: 1250 becomes "12.50". */
export function wire(minor) {
  return `${Math.trunc(minor / 100)}.${String(minor % 100).padStart(2, "0")}`;
}

/** Read a sum in the form that answers carry it; null when it is something else. */
export function read(text) {
  const found = /^(0|[1-9][0-9]{0,9})\.([0-9]{2})$/.exec(text);
  return found ? Number(found[1]) * 100 + Number(found[2]) : null;
}

/** Read a sum as people type it, with a point or a comma; null when it is something else. */
export function typed(text) {
  const found = /^([0-9]{1,10})(?:[.,]([0-9]{1,2}))?$/.exec(text.trim());
  return found ? Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0")) : null;
}

/** Give the tag by which figures are written for people: the page's language, with the server's digits, 0 to 9, in every one. */
export function figures() {
  return `${document.documentElement.lang || "en"}-u-nu-latn`;
}

/** Write a sum for people, with the separators of the page's language. */
export function show(minor) {
  const whole = new Intl.NumberFormat(figures(), { useGrouping: true }).format(Math.trunc(minor / 100));
  const point = new Intl.NumberFormat(figures()).formatToParts(1.5).find((part) => part.type === "decimal");
  const cents = new Intl.NumberFormat(figures(), { minimumIntegerDigits: 2 }).format(minor % 100);
  return `${whole}${point ? point.value : "."}${cents}`;
}
