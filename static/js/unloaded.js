// Says where a module did not come that the page needs: a plain script in the head, which is there before any module fails.
//
// What such a module would have brought to life says it in a part with data-when="unloaded".
{
  const parsed = new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve));

  const say = () => {
    for (const part of document.querySelectorAll(':not(:defined) > [data-when="unloaded"]')) part.hidden = false;
  };

  addEventListener("error", (event) => {
    // By then the modules that did come have run.
    if (event.target.localName === "script") parsed.then(say);
  }, { capture: true });
}
