// The board's own behaviour: a number that becomes ready is shown large for a moment, one after
// another, and numbers that wait long are marked. The lists work without this module.

import "./live.js";
import { now } from "./clock.js";
import "./sound.js";

const MOMENT_MS = 4_000;
const LONG_WAIT_MS = 10 * 60_000;
const DRIFT_MS = 5 * 60_000;

const root = document.querySelector("main.board");
const place = root.querySelector("[data-take-over]");
const queue = [];
let showing = false;

function showNext() {
  const entry = queue.shift();
  showing = Boolean(entry);
  place.hidden = !entry;
  if (!entry) return;
  for (const part of ["number", "entry-name"]) {
    place.querySelector(`.${part}`).textContent = entry[part];
  }
  setTimeout(showNext, MOMENT_MS);
}

function justReady(entry) {
  queue.push({
    number: entry.querySelector(".number").textContent,
    "entry-name": entry.querySelector(".entry-name").textContent,
  });
  if (!showing) showNext();
}

function markLongWaits() {
  for (const entry of root.querySelectorAll("[data-ready-at]")) {
    const waited = now() - Date.parse(entry.dataset.readyAt);
    entry.toggleAttribute("data-waiting-long", waited > LONG_WAIT_MS);
  }
}

document.addEventListener("live:painted", ({ detail }) => {
  for (const entry of [...detail.arrived, ...detail.changed]) {
    if (entry.dataset.alert === "ready" && entry.dataset.alertBefore !== "ready") justReady(entry);
  }
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
