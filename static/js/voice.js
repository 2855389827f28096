// Calls orders aloud, one after the other, on a screen that was asked to: off until then.
//
// The browser's own voice says the words of the button's data-call; no recording, nobody else's
// server. Called is only what is ready at that moment: nobody waits for the call of a coffee that is gone.

import { store, stored } from "./settings.js";

const AFTER_THE_CHIME_MS = 1_000;

const button = document.querySelector("[data-voice]");
const canSpeak = "speechSynthesis" in window;
const waiting = []; // ids of entries
let speaking = false;

const isOn = () => stored("voice", "off") === "on";
const isMuted = () => Number(stored("sound-muted-until", "0")) > Date.now();
const ready = (id) => document.querySelector(`#${CSS.escape(id)}[data-alert=ready]`);

/** Call the order of this entry, when those before it have been called. */
export function call(entry) {
  if (!canSpeak || !isOn() || isMuted()) return;
  waiting.push(entry.id);
  setTimeout(next, AFTER_THE_CHIME_MS);
}

function next() {
  if (speaking) return;
  const entry = ready(waiting.shift() ?? "-");
  if (entry) speak(entry);
  else if (waiting.length > 0) next();
}

function speak(entry) {
  const number = Number(entry.querySelector(".number").textContent); // "forty-one", not "zero four one"
  const name = entry.querySelector(".entry-name").textContent;
  const words = button.dataset.call.replace("{number}", number).replace("{name}", name);
  const utterance = new SpeechSynthesisUtterance(words.replace(/[\s,،]+$/, ""));
  utterance.lang = document.documentElement.lang;
  speaking = true;
  utterance.onend = utterance.onerror = () => {
    speaking = false;
    next();
  };
  speechSynthesis.speak(utterance);
}

function showSetting() {
  button.hidden = !canSpeak;
  button.textContent = isOn() ? button.dataset.off : button.dataset.on;
}

button?.addEventListener("click", () => {
  store("voice", isOn() ? "off" : "on");
  showSetting();
});
if (button) showSetting();
