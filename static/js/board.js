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
const LARGE = [8, 6, 4, 2];
const DRIFT_MS = 5 * 60_000;

const root = document.querySelector("main.board");
const place = root.querySelector("[data-take-over]");
const list = root.querySelector("[data-slot=ready]");
const side = list.closest(".ready-side");
const moments = new Map(); // the id of an entry → until when it is shown large
const called = new Map(); // the id of an entry → when what was called of it became ready

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
  called.set(entry.id, entry.dataset.readyAt);
  moments.set(entry.id, performance.now() + MOMENT_MS);
  setTimeout(showMoment, MOMENT_MS + 20);
  call(entry);
}

// Makes the newest of them large, as many as are said. How many are large.
function enlarge(entries, most) {
  const waitsLong = ({ dataset }) => now() - Date.parse(dataset.readyAt) > LONG_WAIT_MS;
  let count = 0;
  for (const entry of entries) {
    const isLarge = count < most && !waitsLong(entry);
    entry.toggleAttribute("data-small", !isLarge);
    if (isLarge) count += 1;
  }
  return count;
}

// As many are large as leave room below for those that are small.
function makeRoom() {
  const entries = [...root.querySelectorAll("[data-ready-at]")];
  for (const most of LARGE) {
    const isOneColumn = enlarge(entries, most) <= MOST_IN_ONE_COLUMN;
    for (const few of isOneColumn ? [true, false] : [false]) {
      list.toggleAttribute("data-few", few);
      if (side.scrollHeight <= side.clientHeight) return;
    }
  }
}

document.addEventListener("live:painted", ({ detail }) => {
  for (const entry of [...detail.arrived, ...detail.changed]) {
    const { alert, alertBefore, readyAt } = entry.dataset;
    const isNew = alert === "ready" && alertBefore !== "ready" && called.get(entry.id) !== readyAt;
    if (isNew && now() - Date.parse(readyAt) < NEWS_MS) justReady(entry);
  }
  for (const [id, readyAt] of called) {
    if (now() - Date.parse(readyAt) >= NEWS_MS) called.delete(id);
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
