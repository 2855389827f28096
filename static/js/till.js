// The till's own behaviour: choose an order, type what was given, see the change.
//
// Each balance carries everything about its order; choosing one only shows it. Without this module
// choosing loads the page with that order.

import { liveScreen } from "./live.js";
import "./actions.js";
import { choose } from "./keyboard.js";
import "./sound.js";

document.documentElement.dataset.js = "";

const root = document.querySelector("main.till");
const balances = () => [...root.querySelectorAll(".balance[id]")];
const result = root.querySelector("[data-result]");
let selected = root.querySelector(".balance[data-selected]")?.id ?? null;

function select(id) {
  selected = id;
  for (const balance of balances()) {
    const chosen = balance.id === id;
    balance.toggleAttribute("data-selected", chosen);
    const row = balance.querySelector("[data-select]");
    if (chosen) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

function keepSelected() {
  const still = selected && document.getElementById(selected);
  select(still ? selected : (balances()[0]?.id ?? null));
}

root.addEventListener("click", (event) => {
  const row = event.target.closest("[data-select]");
  if (row) {
    event.preventDefault();
    select(row.closest(".balance").id);
    return;
  }
  const key = event.target.closest("[data-digit]");
  if (key) type(key);
});

root.addEventListener("card:chosen", (event) => select(event.target.id));

// The first digit replaces the exact sum; two digits are cents, as on every till.
function type(key) {
  const field = key.closest("form").querySelector("[data-given]");
  const fresh = field.value === field.defaultValue;
  let digits = fresh ? "" : field.value.replace(/\D/g, "").replace(/^0+/, "");
  digits = key.dataset.digit === "back" ? digits.slice(0, -1) : digits + key.dataset.digit;
  if (digits.length > 7) return;
  field.value = (Number(digits || "0") / 100).toFixed(2);
}

root.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-given]")) event.target.select();
});

function inWords(cents, currency) {
  return new Intl.NumberFormat("en", { style: "currency", currency }).format(cents / 100);
}

function say(words, big = "") {
  const strong = document.createElement("strong");
  strong.textContent = big;
  result.replaceChildren(words, ...(big ? [strong] : []));
  result.hidden = false;
}

document.addEventListener("action:done", (event) => {
  const { url, fields, before } = event.detail;
  const verb = url.match(/\/till\/[0-9a-f]{32}\/([a-z-]+)\//)?.[1];
  const { number, due, currency } = before;
  if (!number) return;
  const handed = fields.hand_over ? " and handed over" : "";
  if (verb === "cash") {
    const given = Math.round(Number(fields.given.replace(",", ".")) * 100);
    const change = given - Number(due);
    say(`${number} paid${handed}.`, change > 0 ? `Change ${inWords(change, currency)}` : "Exact");
  } else if (verb === "card-by-hand") say(`${number} paid by card${handed}.`);
  else if (verb === "serve") say(`${number} handed over.`);
  else if (verb === "give-back") say(`${number}: give the money back now.`);
  else result.hidden = true;
});

const find = document.querySelector("[data-filters=balances]");

function filter() {
  const wanted = find.value.trim().toLowerCase();
  for (const balance of balances()) {
    balance.classList.toggle("out", wanted !== "" && !balance.dataset.find.includes(wanted));
  }
}

find.addEventListener("input", () => {
  filter();
  const seen = balances().filter((balance) => !balance.classList.contains("out"));
  if (find.value.trim() !== "" && seen.length === 1) select(seen[0].id);
});

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target === find) {
    find.value = "";
    filter();
    const current = selected && document.getElementById(selected);
    if (current) choose(current);
  }
});

liveScreen?.root.addEventListener("live:painted", () => {
  keepSelected();
  filter();
});
keepSelected();
filter();
