// Which key of this device does what. The actions have the names of their keys in a new shop; whoever
// has a bump bar with other keys gives them to the actions (`key_choice.js`), and the browser keeps it.
//
// Only where the page lists its actions (`[data-action]`): what a till does with F1 is its own business.

import { store, stored } from "./settings.js";

const SETTING = "keys";
const NAMELESS = new Set(["", "Unidentified", "Dead", "Process"]);
const SYMBOLS = { " ": "Space", ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };

const own = read(); // action → the key that was chosen for it

function read() {
  try {
    const kept = JSON.parse(stored(SETTING, "{}"));
    return Object.fromEntries(Object.entries(kept ?? {}).filter(([, key]) => typeof key === "string"));
  } catch {
    return {};
  }
}

const actions = () => [...document.querySelectorAll("[data-action]")].map((each) => each.dataset.action);

/** The name of the key that was pressed; cheap bump bars send keys that have no name of their own. */
export function keyOf({ key, code, keyCode }) {
  if (NAMELESS.has(key ?? "")) return NAMELESS.has(code ?? "") ? `Key ${keyCode}` : code;
  return key.length === 1 ? key.toLowerCase() : key;
}

/** The key of an action on this device. */
export function keyFor(action) {
  return own[action] ?? action;
}

/** What this key does; "" for one that does nothing any more. */
export function actionOf(key) {
  const all = actions();
  const found = all.find((action) => keyFor(action) === key);
  return found ?? (all.includes(key) ? "" : key);
}

/** The action that has this key already, if another one has. */
export function takenBy(key, action) {
  return actions().find((other) => other !== action && keyFor(other) === key) ?? null;
}

/** Give an action another key, and keep it. */
export function giveKey(action, key) {
  if (key === action) delete own[action];
  else own[action] = key;
  store(SETTING, JSON.stringify(own));
}

/** All keys as in a new shop. */
export function forgetKeys() {
  for (const action of Object.keys(own)) delete own[action];
  store(SETTING, "{}");
}

/** How a key is written on the screen. */
export function inWords(key) {
  return SYMBOLS[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}
