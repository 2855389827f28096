// A page of the menu or the basket that looks again when something about the shop has changed: what
// is sold out, what is back, how long it takes. Parts with data-redraw are drawn anew from the page's
// own address; what somebody has typed or chosen stands elsewhere and stays.
//
// Needs nothing of what the staff's screens load: a menu is opened on a slow phone. Without this module
// the page is as it was when it was opened; the shop checks every order anyway.

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;

const root = document.querySelector("[data-news]");
let seen = null; // the revision that the page shows
let attempts = 0;

function listen() {
  const url = new URL(root.dataset.news, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url);
  socket.onmessage = ({ data }) => {
    attempts = 0;
    for (const { html } of JSON.parse(data).fragments ?? []) hear(html ?? "");
  };
  socket.onclose = () => {
    const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempts);
    attempts += 1;
    setTimeout(listen, ceiling * (0.5 + Math.random() / 2));
  };
}

function hear(html) {
  const revision = /data-revision="(\d*)"/.exec(html)?.[1];
  if (revision === undefined) return;
  if (seen !== null && revision !== seen) redraw();
  seen = revision;
}

async function redraw() {
  const response = await fetch(location.href).catch(() => null);
  if (!response?.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of document.querySelectorAll("[data-redraw]")) {
    const now = fresh.getElementById(part.id);
    if (now && now.innerHTML !== part.innerHTML) part.innerHTML = now.innerHTML;
  }
  for (const choice of document.querySelectorAll("form[data-prices] input[data-price]")) {
    const { name, value } = choice;
    const now = fresh.querySelector(`input[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`);
    if (now) choice.disabled = now.disabled;
  }
  // Nobody's milk is exchanged behind their back: what was chosen and is gone, they choose again.
  const isGone = document.querySelector("form[data-prices] input:checked:disabled");
  const button = document.querySelector("form[data-prices] .add-bar button");
  const isSoldOut = fresh.querySelector("form[data-prices] .add-bar button")?.disabled;
  if (!button || !(isGone || isSoldOut)) return;
  button.disabled = true;
  document.querySelector("[data-choose-again]").hidden = false;
}

if (root) listen();
