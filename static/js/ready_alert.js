// Tells a customer that the order is ready, if one tap has asked for it: with a sound, and while the page
// is hidden with a notification. The page has to stay open; nothing is sent to a device (no web push).
//
// Browsers allow sound and notifications only after a gesture: one tap asks for both, and keeps the
// screen awake. Knows the elements of the order page, and not when the order is ready.

import { sound } from "./tones.js";

const VOLUME = 1;
const VIBRATION_MS = [200, 100, 200];
const WAITING = new Set(["1", "2"]); // steps at which there is something to wait for

const section = document.querySelector("[data-tell-me]");
let audio = null; // once somebody has asked
let awake = null;

async function ask() {
  audio = new AudioContext();
  audio.resume();
  const isAllowed = allowed(); // at once, while this is still a gesture
  stayAwake();
  const how = (await isAllowed) ? "aside" : "here";
  for (const told of section.querySelectorAll("[data-told]")) told.hidden = told.dataset.told !== how;
  section.querySelector("button").hidden = true;
}

const mayNotify = () => "Notification" in window && Notification.permission === "granted";

async function allowed() {
  if ("Notification" in window) await Notification.requestPermission();
  return mayNotify();
}

async function stayAwake() {
  if (document.hidden || !audio || section.hidden || !navigator.wakeLock) return;
  if (awake && !awake.released) return;
  // The browser may refuse (battery, policy); the phone then sleeps as it always did.
  awake = await navigator.wakeLock.request("screen").catch(() => null);
}

/** The order has got to this step: the offer stands while there is something to wait for. */
export function reached(step) {
  if (!section) return;
  section.hidden = !WAITING.has(step);
  if (!section.hidden) stayAwake();
  else awake?.release();
}

/** The order is ready: say so, by all means that the customer and the browser allow. */
export async function tellReady({ order, title, said }) {
  navigator.vibrate?.(VIBRATION_MS);
  if (!audio) return;
  if (document.hidden && mayNotify()) notify(order, title, said);
  if (audio.state === "suspended") await audio.resume(); // may take for ever while the page is hidden
  sound(audio, "ready", VOLUME);
}

async function notify(order, title, body) {
  const options = { body, tag: order, renotify: true, icon: section.dataset.icon, data: { address: location.pathname } };
  const worker = await navigator.serviceWorker?.getRegistration();
  // Phones show only those of a service worker; a shop without one has the page's own.
  if (worker?.active) await worker.showNotification(title, options);
  else new Notification(title, options).onclick = () => focus();
}

/** The order is not ready after all: take back what was said. */
export async function takeBack(order) {
  const worker = await navigator.serviceWorker?.getRegistration();
  for (const shown of (await worker?.getNotifications({ tag: order })) ?? []) shown.close();
}

section?.querySelector("button").addEventListener("click", ask);
document.addEventListener("visibilitychange", stayAwake);
