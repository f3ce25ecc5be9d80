// Gives a page that the phone keeps the member's choice of light or dark, which it was kept without. No module: it runs
// before anything is drawn, so that no page turns from white to dark.
{
  const chosen = /(?:^|; )theme=(light|dark)(?:;|$)/.exec(document.cookie)?.[1];
  if (chosen) document.documentElement.dataset.theme = chosen;
}
