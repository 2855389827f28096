// The board's own behaviour: what has just become ready is shown large for a moment, all of it
// together, and numbers that wait long are marked. The lists work without this module.

import "./live.js";
import { now } from "./clock.js";
import "./refresh.js";
import "./sound.js";

const MOMENT_MS = 4_000;
const NEWS_MS = 60_000; // ready for longer: it only made room on the board, or we were away
const MOST_AT_ONCE = 6; // that can be read from five metres
const MOST_IN_ONE_COLUMN = 4;
const LONG_WAIT_MS = 10 * 60_000;
const DRIFT_MS = 5 * 60_000;

const root = document.querySelector("main.board");
const place = root.querySelector("[data-take-over]");
const ready = root.querySelector("[data-slot=ready]");
const moments = new Map(); // the id of an entry → until when it is shown large

// Never what was: who has their order by now is no longer called, and nobody waits for their call.
function showMoment() {
  for (const [id, until] of moments) {
    const isReady = document.getElementById(id)?.dataset.alert === "ready";
    if (!isReady || until <= performance.now()) moments.delete(id);
  }
  const entries = [...moments.keys()].slice(-MOST_AT_ONCE).map((id) => document.getElementById(id));
  place.hidden = entries.length === 0;
  place.dataset.count = String(entries.length);
  place.replaceChildren(...entries.map(large));
}

function large(entry) {
  const shown = document.createElement("p");
  for (const part of ["number", "entry-name"]) {
    shown.append(entry.querySelector(`.${part}`).cloneNode(true));
  }
  return shown;
}

function justReady(entry) {
  moments.set(entry.id, performance.now() + MOMENT_MS);
  setTimeout(showMoment, MOMENT_MS + 20);
}

function markLongWaits() {
  for (const entry of root.querySelectorAll("[data-ready-at]")) {
    const waited = now() - Date.parse(entry.dataset.readyAt);
    entry.toggleAttribute("data-waiting-long", waited > LONG_WAIT_MS);
  }
  const called = ready.querySelectorAll(":scope > .entry:not([data-waiting-long], .leaving)").length;
  ready.toggleAttribute("data-few", called <= MOST_IN_ONE_COLUMN);
}

document.addEventListener("live:painted", ({ detail }) => {
  for (const entry of [...detail.arrived, ...detail.changed]) {
    const isNew = entry.dataset.alert === "ready" && entry.dataset.alertBefore !== "ready";
    if (isNew && now() - Date.parse(entry.dataset.readyAt) < NEWS_MS) justReady(entry);
  }
  showMoment();
  markLongWaits();
});

// Two pixels every five minutes: nothing burns in, nobody notices.
let step = 0;
setInterval(() => {
  step = (step + 1) % 4;
  root.dataset.drift = String(step);
}, DRIFT_MS);
setInterval(markLongWaits, 10_000);
markLongWaits();
