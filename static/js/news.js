// A page of the menu or the basket that looks again when something about the shop has changed: what
// is sold out, what is back, how long it takes. Parts with data-redraw are drawn anew from the page's
// own address, or from the one in data-news-from; what somebody has typed or chosen stands elsewhere and stays.
//
// Needs nothing of what the staff's screens load: a menu is opened on a slow phone. Without this module
// the page is as it was when it was opened; the shop checks every order anyway.

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;

const LOOK_AFTER_MS = 500; // a web process knows a fact after half a second at most
const SPREAD_MS = 400; // open menus do not all ask in the same instant, and less so if it is busy

const root = document.querySelector("[data-news]");
let shown = Number(root?.dataset.revision ?? -1); // the last fact that the page knows
let heard = shown; // the last one that the shop spoke of
let isSoldOut = document.querySelector("form[data-prices] .add-bar button")?.disabled ?? false;
let looking = false;
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
  heard = Math.max(heard, Number(/data-revision="(\d+)"/.exec(html)?.[1] ?? -1));
  if (heard > shown && !looking) look();
}

// Until the page knows what was heard: another web process may be a moment behind, or busy.
async function look() {
  looking = true;
  for (let tries = 0; heard > shown && tries < 8; tries += 1) {
    const pause = LOOK_AFTER_MS + Math.random() * SPREAD_MS * 3 ** tries;
    await new Promise((resolve) => setTimeout(resolve, pause));
    const response = await fetch(root.dataset.newsFrom ?? location.href).catch(() => null);
    if (response?.ok) redraw(new DOMParser().parseFromString(await response.text(), "text/html"));
  }
  looking = false;
}

function redraw(fresh) {
  shown = Math.max(shown, Number(fresh.querySelector("[data-news]")?.dataset.revision ?? -1));
  for (const part of document.querySelectorAll("[data-redraw]")) {
    const now = fresh.getElementById(part.id);
    if (now && now.innerHTML !== part.innerHTML) part.innerHTML = now.innerHTML;
  }
  for (const choice of document.querySelectorAll("form[data-prices] input[data-price]")) {
    const { name, value } = choice;
    const now = fresh.querySelector(`input[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`);
    if (now) choice.disabled = now.disabled;
  }
  document.dispatchEvent(new CustomEvent("news:shown"));
  isSoldOut = Boolean(fresh.querySelector("form[data-prices] .add-bar button")?.disabled);
  askToChooseAgain();
  document.dispatchEvent(new Event("page:redrawn"));
}

// Nobody's milk is exchanged behind their back: what was chosen and is gone, they choose again.
function askToChooseAgain() {
  const form = document.querySelector("form[data-prices]");
  if (!form) return;
  const isOff = isSoldOut || form.querySelector("input:checked:disabled") !== null;
  form.querySelector(".add-bar button").disabled = isOff;
  form.querySelector("[data-choose-again]").hidden = !isOff;
}

document.querySelector("form[data-prices]")?.addEventListener("change", askToChooseAgain);

if (root) listen();
