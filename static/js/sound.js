// When a live screen of the staff makes which sound.
//
// A card asks for a sound with `data-alert`; it is played when the card arrives or its alert changes,
// `changed` also at each new `data-changed-at`, and `new` again every 30 s while any card has it. Browsers allow sound only after a gesture: the
// first tap starts the shift and also keeps the screen awake. Knows nothing of sockets or orders.

import { store, stored } from "./settings.js";
import { sound } from "./tones.js";

const REPEAT_MS = 30_000;
const MUTE_MS = 15 * 60_000;

let audio = null;

const volume = () => Number(stored("sound-volume", "70")) / 100;
const mutedUntil = () => Number(stored("sound-muted-until", "0"));
const muted = () => mutedUntil() > Date.now();

/** Play a sound by name; nothing before the shift has started or while muted. */
function play(name, { anyway = false } = {}) {
  if (!audio || audio.state !== "running" || (muted() && !anyway)) return;
  sound(audio, name, volume());
}

async function stayAwake() {
  if (document.hidden || !audio || !navigator.wakeLock) return;
  // The browser may refuse (battery, policy); the screen then sleeps as it always did.
  await navigator.wakeLock.request("screen").catch(() => null);
}

async function startShift() {
  if (audio) return;
  audio = new AudioContext();
  await audio.resume();
  for (const button of document.querySelectorAll("[data-start-shift]")) button.hidden = true;
  showSetting();
  stayAwake();
}

// A mute that never ends would be forgotten.
function toggleMute() {
  store("sound-muted-until", muted() ? "0" : String(Date.now() + MUTE_MS));
  showSetting();
}

function showSetting() {
  for (const button of document.querySelectorAll("[data-mute]")) {
    const words = !audio ? "Turn sound on" : muted() ? "Unmute" : "Mute 15 min";
    button.textContent = words;
  }
  for (const slider of document.querySelectorAll("[data-volume]")) {
    slider.value = String(Math.round(volume() * 100));
  }
}

// A screen of one station is silent about what the others make.
const isHere = (card) => getComputedStyle(card).display !== "none";

function alertsOf(cards) {
  const said = cards.filter(isHere).map((card) => card.dataset);
  const alerts = said.filter(({ alert, alertBefore }) => alert && alert !== alertBefore);
  // An order that its customer changed is heard once for each change, whatever else it asks for.
  const isChanged = said.some(({ changedAt, changedBefore }) => changedAt && changedAt !== changedBefore);
  return [...alerts.map(({ alert }) => alert), ...(isChanged ? ["changed"] : [])];
}

document.addEventListener("live:painted", (event) => {
  const { arrived, changed } = event.detail;
  // One sound at a time, the gravest of them.
  const alerts = alertsOf([...arrived, ...changed]);
  const first = ["stop", "ready", "changed", "new"].find((name) => alerts.includes(name));
  if (first) play(first);
});

document.addEventListener("clock:late", () => play("late"));
document.addEventListener("visibilitychange", stayAwake);
for (const gesture of ["pointerup", "keydown"]) {
  addEventListener(gesture, startShift, { once: true });
}

document.addEventListener("click", (event) => {
  if (audio && event.target.closest("[data-mute]")) toggleMute();
  const test = event.target.closest("[data-test-sound]");
  if (test) startShift().then(() => play(test.dataset.testSound, { anyway: true }));
});
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-volume]")) store("sound-volume", event.target.value);
});

setInterval(() => {
  if ([...document.querySelectorAll("[data-live] [data-alert=new]")].some(isHere)) play("new");
}, REPEAT_MS);
setInterval(showSetting, 10_000);
showSetting();
