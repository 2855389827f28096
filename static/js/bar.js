// The bar's own behaviour: whose cards are mine, marking an item, undo, what lies below the edge.
//
// The page works without this module; it then reloads itself.

import { liveScreen } from "./live.js";
import { newId, send } from "./actions.js";
import { asMinutes, now } from "./clock.js";
import "./keyboard.js";
import "./refresh.js";
import "./sound.js";

const UNDO_MS = 6_000;
// What takes a step back: address and fields of the opposite wish.
const OPPOSITES = {
  ready: ["bring-back", { reason: "misbump" }],
  take: ["release", {}],
  tick: ["untick", null], // null: the same line
  untick: ["tick", null],
};
const SAID = { ready: "is ready", take: "is yours", tick: "line ticked", untick: "line not done" };

const root = document.querySelector("main.bar");
const queue = root.querySelector("[data-slot=queue]");
const tickets = () => [...queue.querySelectorAll(":scope > [id]")];
let marked = "";
let undo = null;

document.documentElement.dataset.js = "";

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
  const boxes = tickets().map((ticket) => [ticket, ticket.getBoundingClientRect()]);
  const above = boxes.filter(([, box]) => box.bottom < top + 40);
  const below = boxes.filter(([, box]) => box.top > bottom - 40).map(([ticket]) => ticket);
  const words = [];
  if (above.length > 0) words.push(`▴ ${above.length} older above`);
  if (below.length > 0) {
    const since = below.map((ticket) => Date.parse(ticket.querySelector(".clock").dataset.since));
    words.push(`+${below.length} more ▾ oldest ${asMinutes((now() - Math.min(...since)) / 1000)}`);
  }
  chip.hidden = words.length === 0;
  chip.textContent = words.join(" · ");
}

// A card whose lines do not fit takes more room, step by step; one that fits nowhere is scrolled.
// Nothing of an order is ever hidden. Columns that do not fit stand out to the right.
const MORE_ROOM = ["wide", "columns", "dense", "tall", "endless"];

function fitCards() {
  const tight = (ticket) => {
    const lines = ticket.querySelector(".lines");
    return lines.scrollHeight > lines.clientHeight + 1 || lines.scrollWidth > lines.clientWidth + 1;
  };
  let left = tickets();
  for (const ticket of left) ticket.classList.remove(...MORE_ROOM);
  for (const more of MORE_ROOM) {
    left = left.filter(tight);
    for (const ticket of left) ticket.classList.add(more);
  }
}

function refresh() {
  markMine();
  fitCards();
  showMarked();
  showHidden();
}

// --- one step back --------------------------------------------------------------------------------

function offerUndo({ url, fields, before }) {
  const [, order, verb] = url.match(/\/bar\/([0-9a-f]{32})\/([a-z-]+)\//) ?? [];
  const opposite = OPPOSITES[verb];
  if (!opposite) return;
  undo?.toast.remove();
  clearTimeout(undo?.timer);
  const toast = element("div", "", { class: "undo", role: "status" });
  const button = element("button", "Undo (U)", { type: "button", class: "plain", "data-page-key": "u" });
  toast.append(element("span", `${before.number} ${SAID[verb]}`), button);
  const forget = () => {
    toast.remove();
    undo = null;
  };
  const chosen = Object.entries(opposite[1] ?? { line: fields.line });
  button.addEventListener("click", async () => {
    forget();
    const result = await send(`/bar/${order}/${opposite[0]}/`, chosen);
    if (!result.ok) sayOnce(result.answer.detail ?? "That could not be undone.");
  });
  document.body.append(toast);
  undo = { toast, timer: setTimeout(forget, UNDO_MS) };
}

function sayOnce(words) {
  const toast = element("div", words, { class: "undo", role: "alert", id: newId() });
  document.body.append(toast);
  setTimeout(() => toast.remove(), UNDO_MS);
}

document.addEventListener("action:done", (event) => offerUndo(event.detail));

// --- settings and small things ----------------------------------------------------------------------

const reach = document.querySelector("[data-reach-choice]");
function setReach(value) {
  if (value) document.documentElement.dataset.reach = value;
  else delete document.documentElement.dataset.reach;
  requestAnimationFrame(() => {
    fitCards();
    showHidden();
  });
}
reach.value = localStorage.getItem("reach") ?? "";
setReach(reach.value);
reach.addEventListener("change", () => {
  localStorage.setItem("reach", reach.value);
  setReach(reach.value);
});

document.addEventListener("click", (event) => {
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
  const wanted = event.target.value.trim().toLowerCase();
  for (const row of document.querySelectorAll("[data-slot=done] > [data-find]")) {
    row.hidden = wanted !== "" && !row.dataset.find.includes(wanted);
  }
});

setInterval(showHidden, 1000);
addEventListener("resize", refresh);
queue.addEventListener("scroll", showHidden, { passive: true });
liveScreen?.root.addEventListener("live:painted", refresh);
refresh();
