// The keys of a bump bar: choose a card, press what it offers, without touching the screen.
//
// Keys act on what the page marks: cards are `[data-card]`, their buttons say with `data-key` which
// key presses them, and page-wide buttons with `data-page-key`. Which key that is on this device,
// `keys.js` knows. Letters can be switched off (the choice is kept in the browser), because some people's
// software types letters by itself.

import { actionOf, keyOf } from "./keys.js";
import { store, stored } from "./settings.js";

let chosen = null; // the id of the chosen card
let tens = "";

const off = () => stored("keys-off", "0") === "1";
const cards = () => {
  const all = [...document.querySelectorAll("[data-keys-for] [data-card]:not(.leaving)")];
  return all.filter((card) => isShown(boxOf(card))); // a screen may show one station, or drinks
};

function card() {
  return chosen ? document.getElementById(chosen) : null;
}

// A card without a box of its own (`display: contents`) is where its first part is.
const boxOf = (element) => (element.getClientRects().length > 0 ? element : element.firstElementChild);
const rectOf = (element) => boxOf(element).getBoundingClientRect();

/** Choose a card: it is outlined, scrolled into sight and takes the focus. */
export function choose(element) {
  card()?.removeAttribute("data-chosen");
  chosen = element?.id ?? null;
  if (!element) return;
  element.setAttribute("data-chosen", "");
  const box = boxOf(element);
  if (!box.hasAttribute("tabindex")) box.tabIndex = -1;
  box.focus({ preventScroll: true });
  box.scrollIntoView({ block: "nearest", inline: "nearest" });
  element.dispatchEvent(new CustomEvent("card:chosen", { bubbles: true }));
}

function press(button) {
  if (!button || button.disabled || button.closest(".only-looking form")) return false;
  button.click();
  return true;
}

const isShown = (button) => button.getClientRects().length > 0;
const inCard = (key) =>
  press([...(card()?.querySelectorAll(`[data-key~="${key}"]`) ?? [])].find(isShown));
const onPage = (key) => {
  const targets = [...document.querySelectorAll(`[data-page-key~="${CSS.escape(key)}"]`)];
  const target = targets.find(isShown) ?? targets[0];
  if (target?.matches("input")) {
    target.focus();
    return true;
  }
  return press(target);
};

function digit(key) {
  if (key === "0" && !tens) {
    tens = "1";
    setTimeout(() => (tens = ""), 1000);
    return true;
  }
  const target = cards()[Number(tens + key) - 1];
  tens = "";
  if (!target) return true;
  if (target.id === chosen) return inCard("primary");
  choose(target);
  return true;
}

function move(key) {
  const all = cards();
  if (all.length === 0) return false;
  const at = all.findIndex((candidate) => candidate.id === chosen);
  const box = rectOf(all[Math.max(at, 0)]);
  const columns = all.filter((candidate) => Math.abs(rectOf(candidate).top - box.top) < 4).length;
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key];
  const next = at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step));
  choose(all[next]);
  return true;
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const typing = event.target.closest?.("input:not([type=range]), textarea, select");
  if (typing) {
    if (event.key === "Escape") typing.blur();
    return false;
  }
  const key = actionOf(keyOf(event));
  if (document.querySelector("dialog[open]")) return false;
  if (key === "?") return onPage("?");
  if (off()) return false;
  if (/^[0-9]$/.test(key)) return digit(key);
  if (key.startsWith("Arrow")) return move(key);
  // On a focused control, Enter and Space belong to that control.
  const focused = document.activeElement;
  const onControl = focused?.matches("button, a[href], summary, input, [data-own-keys]");
  if (onControl && (event.key === "Enter" || event.key === " ")) return false;
  if (key === "Enter") return inCard("primary");
  if (key === " ") return inCard("tick");
  return key !== "" && (inCard(key) || onPage(key));
}

addEventListener("keydown", (event) => {
  if (onKey(event)) event.preventDefault();
});

document.addEventListener("live:painted", (event) => {
  for (const fresh of event.detail.changed) {
    if (fresh.id === chosen) fresh.setAttribute("data-chosen", "");
  }
  if (event.detail.removed.includes(chosen)) chosen = null;
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  if (event.target.matches("dialog")) event.target.close();
});

for (const box of document.querySelectorAll("[data-keys-off]")) {
  box.checked = off();
  box.addEventListener("change", () => store("keys-off", box.checked ? "1" : "0"));
}
