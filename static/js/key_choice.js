// The list of keys in its dialog: each shows the key in force; pressed, it takes the next key instead.
//
// Works by mouse, touch and keyboard: a button of the list is pressed as any other.

import { forgetKeys, giveKey, inWords, keyFor, keyOf, takenBy } from "./keys.js";

const MODIFIERS = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "Fn", "FnLock"]);

const list = document.querySelector("[data-key-list]");
const said = document.querySelector("[data-key-said]");
let choosing = null; // the button that waits for its key

const wordsOf = (action) =>
  list.querySelector(`[data-action="${CSS.escape(action)}"]`).dataset.words;

function show() {
  for (const shown of document.querySelectorAll("[data-key-of]")) {
    const words = inWords(keyFor(shown.dataset.keyOf));
    if (shown.textContent !== words) shown.textContent = words;
  }
  for (const button of list.querySelectorAll("[data-action]")) {
    const key = inWords(keyFor(button.dataset.action));
    button.setAttribute("aria-label", `${key}: ${button.dataset.words}. Press for another key`);
  }
}

function wait(button) {
  choosing?.removeAttribute("data-waiting");
  choosing = button;
  button?.setAttribute("data-waiting", "");
  if (button) said.textContent = `Press the key for: ${button.dataset.words}. Escape leaves it as it is.`;
}

function take(event) {
  const { action, words } = choosing.dataset;
  const key = keyOf(event);
  const other = takenBy(key, action);
  if (key === "Escape") {
    said.textContent = "It stays as it is.";
  } else if (key === "Tab") {
    said.textContent = "Tab goes from button to button, and stays so. Press another key.";
    return;
  } else if (other !== null) {
    said.textContent = `${inWords(key)} is for: ${wordsOf(other)}. Give that another key first, or press another one.`;
    return;
  } else {
    giveKey(action, key);
    said.textContent = `${inWords(key)} is now for: ${words}.`;
  }
  wait(null);
  show();
}

// Before the bar's own keys, and before the dialog closes at Escape.
addEventListener(
  "keydown",
  (event) => {
    if (!choosing || MODIFIERS.has(event.key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat) take(event);
  },
  { capture: true },
);

list.addEventListener("click", (event) => {
  const button = event.target.closest("[data-action]");
  if (button) wait(button === choosing ? null : button);
});

document.querySelector("[data-forget-keys]").addEventListener("click", () => {
  forgetKeys();
  wait(null);
  said.textContent = "All keys are as in a new shop.";
  show();
});

list.closest("dialog").addEventListener("close", () => {
  wait(null);
  said.textContent = "";
});

show();
