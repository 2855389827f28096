// The bar's own behaviour: whose cards are mine, marking an item, undo, what lies below the edge.
//
// The page works without this module; it then reloads itself.

import "./live.js";
import { send } from "./actions.js";
import { asMinutes, now } from "./clock.js";
import { filterRows } from "./filter.js";
import { boxesOf, fitCards } from "./fit_cards.js";
import "./key_choice.js";
import "./keyboard.js";
import { inWords, keyFor } from "./keys.js";
import "./refresh.js";
import { store, stored } from "./settings.js";
import { flagSoldOut } from "./sold_out_flags.js";
import "./sound.js";

const TOAST_MS = 6_000;

const root = document.querySelector("main.bar");
const queue = root.querySelector("[data-slot=queue]");
const tickets = () => [...queue.querySelectorAll(":scope > [id]")];
const isHere = (ticket) => getComputedStyle(ticket).display !== "none"; // it may be another station's
let marked = "";

function markMine() {
  for (const ticket of tickets()) {
    ticket.toggleAttribute("data-mine", ticket.dataset.maker === root.dataset.me);
  }
}

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// The counts come from the server: the marked item may be gone from them.
function showMarked() {
  const counts = [...document.querySelectorAll("[data-all-day] [data-item]")];
  if (!counts.some((count) => count.dataset.item === marked)) marked = "";
  for (const count of counts) count.setAttribute("aria-pressed", String(count.dataset.item === marked));
  for (const ticket of tickets()) {
    const holds = marked && ticket.querySelector(`.line[data-item="${CSS.escape(marked)}"]`);
    ticket.classList.toggle("marked", Boolean(holds));
  }
}

function showHidden() {
  const chip = document.querySelector("[data-more-below]");
  const { top, bottom } = queue.getBoundingClientRect();
  const boxes = tickets().filter(isHere).map((ticket) => [ticket, boxesOf(ticket)]);
  const above = boxes.filter(([, parts]) => parts.at(-1).bottom < top + 40).map(([ticket]) => ticket);
  const below = boxes.filter(([, parts]) => parts.at(-1).top > bottom - 40).map(([ticket]) => ticket);
  const stops = [...above, ...below].filter(({ dataset }) => dataset.state === "stopping");
  const words = [];
  if (above.length > 0) words.push(`▴ ${above.length} older above`);
  if (below.length > 0) {
    const since = below.map((ticket) => Date.parse(ticket.querySelector(".clock").dataset.since));
    words.push(`+${below.length} more ▾ oldest ${asMinutes((now() - Math.min(...since)) / 1000)}`);
  }
  // Whoever asks to stop waits for an answer: scrolled away is not out of mind.
  if (stops.length > 0) words.unshift(`STOP ${stops.map(({ dataset }) => dataset.number).join(", ")}`);
  chip.hidden = words.length === 0 || root.dataset.view === "drinks";
  chip.textContent = words.join(" · ");
}

function refresh(changed = tickets()) {
  markMine();
  fitCards(changed);
  showMarked();
  showHidden();
}

// --- sheets: pages of their own, shown in a dialog where there is a script --------------------------

const dialog = document.getElementById("sheet");

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-sheet]");
  if (!link) return;
  event.preventDefault();
  const response = await fetch(link.href).catch(() => null);
  const html = response?.ok ? await response.text() : "";
  const sheet = new DOMParser().parseFromString(html, "text/html").querySelector("[data-in-sheet]");
  if (!sheet) {
    location.assign(link.href); // logged out, away, or no longer on the queue: the page says so
    return;
  }
  dialog.querySelector("[data-sheet-of]").replaceChildren(sheet);
  dialog.setAttribute("aria-labelledby", sheet.getAttribute("aria-labelledby"));
  if (!dialog.open) dialog.showModal();
});

dialog.addEventListener("submit", () => dialog.close());

// --- what has run out, and what is no longer new -----------------------------------------------------

const flag = () => flagSoldOut(root, (cards) => fitCards(cards.filter((card) => card.parentElement === queue)));
document.addEventListener("news:shown", flag);
root.addEventListener("clock:over", (event) => {
  const card = event.target.closest(".ticket");
  if (card) requestAnimationFrame(() => refresh([card]));
});

// --- one step back --------------------------------------------------------------------------------

function showToast(role, ...content) {
  const toast = element("div", "", { class: "undo", role });
  toast.append(...content);
  document.body.append(toast);
  setTimeout(() => toast.remove(), TOAST_MS);
  return toast;
}

// A form says in `data-undo…` which request takes its step back; `before` is its card at the tap.
function offerUndo(before, { undo: url, undoFields, undoWords }) {
  if (!url) return;
  document.querySelector(".undo[role=status]")?.remove();
  const button = element("button", `Undo (${inWords(keyFor("u"))})`, { type: "button", class: "plain", "data-page-key": "u" });
  const toast = showToast("status", element("span", `${before.number} ${undoWords}`), button);
  toast.dataset.order = before.order;
  toast.dataset.before = before.state;
  dropUndone();
  button.addEventListener("click", async () => {
    toast.remove();
    const result = await send(url, [...new URLSearchParams(undoFields)]);
    if (!result.ok) showToast("alert", result.body.detail ?? "That could not be undone.");
  });
}

// Somebody else has taken the step back meanwhile: there is nothing left to undo.
function dropUndone() {
  const toast = document.querySelector(".undo[role=status]");
  if (!toast) return;
  const state = document.getElementById(`ticket-${toast.dataset.order}`)?.dataset.state ?? "gone";
  if (state !== toast.dataset.before) toast.dataset.stepped = "";
  else if ("stepped" in toast.dataset) toast.remove();
}

document.addEventListener("action:done", ({ detail: { form, before } }) => offerUndo(before, form.dataset));

// --- settings and small things ----------------------------------------------------------------------

const reach = document.querySelector("[data-reach-choice]");
function setReach(value) {
  if (value) document.documentElement.dataset.reach = value;
  else delete document.documentElement.dataset.reach;
  requestAnimationFrame(() => {
    fitCards(tickets());
    showHidden();
  });
}
reach.value = stored("reach", "");
setReach(reach.value);
reach.addEventListener("change", () => {
  store("reach", reach.value);
  setReach(reach.value);
});

// What this screen shows of the bar: kept in a cookie, so that the first paint is right; without this
// module the links do the same by a page of their own.
function chooseOnScreen({ chooses, value }) {
  const lasts = value ? 400 * 24 * 3600 : 0;
  const path = new URL(location.href).pathname;
  document.cookie = `bar-${chooses}=${value}; path=${path}; max-age=${lasts}; samesite=lax`;
  if (value) root.dataset[chooses] = value;
  else delete root.dataset[chooses];
  if (chooses === "station") {
    document.querySelector("[data-station-name]").textContent = (value || "all").toUpperCase();
    document.querySelector("details.stations").open = false;
  } else {
    for (const link of document.querySelectorAll("[data-chooses=view]")) link.hidden = link.dataset.value === value;
  }
  refresh();
}

document.addEventListener("click", (event) => {
  const choice = event.target.closest("a[data-chooses]");
  if (choice) {
    event.preventDefault();
    chooseOnScreen(choice.dataset);
  }
  const count = event.target.closest("[data-all-day] [data-item]");
  if (count) {
    marked = marked === count.dataset.item ? "" : count.dataset.item;
    showMarked();
  }
  if (event.target.closest("[data-all-day-toggle]")) {
    root.classList.toggle("without-rail");
    refresh();
  }
});

document.querySelector("[data-filters=done]").addEventListener("input", (event) => {
  filterRows(event.target, document.querySelectorAll("[data-slot=done] > [data-find]"));
});

setInterval(() => {
  showHidden();
  flag(); // the time of something may be over
}, 1000);
addEventListener("resize", () => refresh());
queue.addEventListener("scroll", showHidden, { passive: true });
document.addEventListener("live:painted", ({ detail }) => {
  flag();
  refresh([...detail.arrived, ...detail.changed].filter((card) => card.parentElement === queue));
  dropUndone();
});
flag();
refresh();
