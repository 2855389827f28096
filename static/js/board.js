// The board's own behaviour: what has just become ready is shown large for a moment, all of it
// together and, if this screen was asked to, aloud; numbers that wait long get small. The lists work
// without this module.

import "./live.js";
import { now } from "./clock.js";
import "./refresh.js";
import "./sound.js";
import { call } from "./voice.js";

const MOMENT_MS = 4_000;
const NEWS_MS = 60_000; // ready for longer: it only made room on the board, or we were away
const MOST_AT_ONCE = 6; // that can be read from five metres
const MOST_IN_ONE_COLUMN = 4;
const LONG_WAIT_MS = 10 * 60_000;
const MOST_LARGE = 8;
const DRIFT_MS = 5 * 60_000;

const root = document.querySelector("main.board");
const place = root.querySelector("[data-take-over]");
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
  const fresh = entries.map(large);
  const isShown = fresh.length === place.childElementCount
    && fresh.every((each, index) => each.isEqualNode(place.children[index]));
  if (!isShown) place.replaceChildren(...fresh); // never under the eyes of who reads it
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
  call(entry);
}

// The newest are large: fewer of them where small ones need the room below.
function makeRoom() {
  const entries = [...root.querySelectorAll("[data-ready-at]")];
  const waitsLong = ({ dataset }) => now() - Date.parse(dataset.readyAt) > LONG_WAIT_MS;
  let room = MOST_LARGE;
  if (entries.length > MOST_LARGE || entries.some(waitsLong)) room = entries.length > 14 ? 4 : 6;
  for (const entry of entries) {
    const isLarge = room > 0 && !waitsLong(entry);
    entry.toggleAttribute("data-small", !isLarge);
    if (isLarge) room -= 1;
  }
  const large = entries.filter((entry) => !("small" in entry.dataset));
  root.querySelector("[data-slot=ready]").toggleAttribute("data-few", large.length <= MOST_IN_ONE_COLUMN);
}

document.addEventListener("live:painted", ({ detail }) => {
  for (const entry of [...detail.arrived, ...detail.changed]) {
    const isNew = entry.dataset.alert === "ready" && entry.dataset.alertBefore !== "ready";
    if (isNew && now() - Date.parse(entry.dataset.readyAt) < NEWS_MS) justReady(entry);
  }
  showMoment();
  makeRoom();
});

// Two pixels every five minutes: nothing burns in, nobody notices.
let step = 0;
setInterval(() => {
  step = (step + 1) % 4;
  root.dataset.drift = String(step);
}, DRIFT_MS);
setInterval(makeRoom, 10_000);
makeRoom();
