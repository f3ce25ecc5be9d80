// Takes what is typed and touched at a till while its modules are still on their way, so that no digit is lost.
//
// A plain script in the head: it is there before anything is shown, which no module is. It shows the keys, writes the sum
// that is being typed, and keeps everything in order for <wallet-till>, which asks for it with `takeover`: what is typed as it
// came, so that a hand scanner is told from a hand. Should a module never come, the plain form comes back with that sum in it.
{
  const NAMED = { Backspace: "back", "+": "add", Escape: "clear", Delete: "clear", Enter: "charge" };
  const MOST_DIGITS = 12;
  const leave = new AbortController();
  const options = { capture: true, signal: leave.signal };
  const kept = [];
  const part = (selector) => document.querySelector(`wallet-till[data-screen="register"] ${selector}`);

  const take = (event, key) => {
    event.preventDefault();
    kept.push({ key, event });
    draw();
    if (key === "charge") document.querySelector("wallet-till")?.setAttribute("aria-busy", "true");
  };

  /** Give the digits of the sum so far; null where more than digits was pressed, which only the modules understand. */
  const typed = () => {
    let digits = "";
    for (const { key } of kept) {
      if (/^\d+$/.test(key)) digits = (digits + key).replace(/^0+/, "").slice(0, MOST_DIGITS);
      else if (key === "back") digits = digits.slice(0, -1);
      else if (key === "clear") digits = "";
      else if (key !== "charge") return null;
    }
    return digits.padStart(3, "0").replace(/(..)$/, ".$1");
  };

  const draw = () => {
    const sum = part("[data-sum]");
    const wire = typed();
    if (!sum || wire === null || part("[name=amount]").value) return;
    // As figures() of lib/money.js has it, which no script as early as this can import.
    const format = new Intl.NumberFormat(`${document.documentElement.lang || "en"}-u-nu-latn`, { minimumFractionDigits: 2 });
    sum.firstChild.textContent = format.format(wire);
    sum.dataset.length = String(sum.firstChild.textContent.length);
  };

  const showKeys = (shown) => {
    for (const one of document.querySelectorAll("[data-with-keys]")) one.hidden = !shown;
    for (const one of document.querySelectorAll("[data-without-keys]")) one.hidden = shown;
  };

  document.addEventListener("readystatechange", () => {
    if (document.readyState === "interactive") showKeys(true);
    draw();
  }, options);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select")) return;
    if (event.key === "Enter" && event.target.closest?.("a, button, summary, label")) return;
    // Letters too: they tell a code from a sum.
    const key = NAMED[event.key] ?? (/^\S$/.test(event.key) && event.key);
    if (key) take(event, key);
  }, options);

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-key], [data-scan], [data-charge-button]");
    if (button) take(event, button.dataset.key ?? ("scan" in button.dataset ? "scan" : "charge"));
  }, options);

  document.addEventListener("takeover", (event) => {
    event.detail.push(...kept);
    leave.abort();
  }, options);

  addEventListener("error", (event) => {
    if (event.target.localName !== "script") return;
    leave.abort();
    showKeys(false);
    const amount = part("[name=amount]");
    if (amount && typed() && !amount.value && kept.length) amount.value = typed();
  }, options);
}
