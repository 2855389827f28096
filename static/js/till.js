// The till's own behaviour: choose an order, type what was given, see the change.
//
// Each balance carries everything about its order; choosing one only shows it. Without this module
// choosing loads the page with that order.

import "./live.js";
import "./actions.js";
import { filterRows } from "./filter.js";
import { Painter } from "./fragments.js";
import { choose } from "./keyboard.js";
import "./refresh.js";
import "./sound.js";

const FOUND_PAUSE_MS = 1_000;

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

// A form, or its button, says in `data-done` what is to be read when it was carried out.
document.addEventListener("action:done", ({ detail: { form, submitter, fields, before } }) => {
  const done = submitter?.dataset.done ?? form.dataset.done;
  result.hidden = !done;
  if (!done) return;
  result.replaceChildren(done);
  if (!fields.given) return;
  const change = Math.round(Number(fields.given.replace(",", ".")) * 100) - Number(before.due);
  const strong = document.createElement("strong");
  strong.textContent = change > 0 ? `Change ${inWords(change, before.currency)}` : "Exact";
  result.append(strong);
});

const find = document.querySelector("[data-filters=balances]");

const filter = () => filterRows(find, balances());

find.addEventListener("input", () => {
  filter();
  const seen = balances().filter((balance) => !balance.hidden);
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

// What was looked for stands beside the list where no push may tell of it: it is asked for again.
const found = root.querySelector(".found");
const painter = found && new Painter(found, ({ changed }) => {
  if (changed.length === 0) return;
  const detail = { arrived: [], changed, removed: [] };
  root.dispatchEvent(new CustomEvent("live:painted", { detail, bubbles: true }));
});
let asking = false;

async function askForFound() {
  if (asking || !found?.querySelector(":scope > [id]")) return;
  asking = true;
  await new Promise((resolve) => setTimeout(resolve, FOUND_PAUSE_MS));
  asking = false;
  const response = await fetch(location.href).catch(() => null);
  if (!response?.ok || response.redirected) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const rows = [...found.querySelectorAll(":scope > [id]")].map(({ id }) => page.getElementById(id));
  painter.paint(rows.filter(Boolean).map((row) => ({ id: row.id, html: row.outerHTML })));
}

document.addEventListener("live:painted", () => {
  keepSelected();
  filter();
  askForFound();
});
keepSelected();
filter();
