// Sends the forms of live screens without leaving the page. Without this module they all still work.
//
// A request keeps its command id, made at the tap, for every retry, so that pressing or sending twice
// never does anything twice. A refusal is written on the card it is about. Knows nothing of what the
// requests mean. A form with `data-send` is sent from here, with `data-confirm` only after a second
// tap; after a refusal with the code in `data-offers` the form in its card's `data-offer` is shown.
// What is said about a card stands in its `data-notes`, else at its end.

const DELAYS_MS = [500, 1000, 2000, 4000, 8000];
const GIVE_UP_MS = 60_000;
const TIMEOUT_MS = 8_000;
const CONFIRM_MS = 3_000;
const REFUSED_MS = 8_000;
const ACKNOWLEDGED_MS = 3_000;
const WORTH_A_RETRY = new Set([429, 502, 503, 504]);

const csrfToken = document.querySelector("meta[name=csrf-token]").content;
const notes = new Map(); // card id → {press, acknowledged, message}: survives the card's replacement
const unresolved = new Map(); // the request → its command id, until it was answered
let armed = null; // the form that waits for its second tap

/** A version 4 UUID, also where the page is not a secure context (a tablet in the shop's own net). */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function post(url, body) {
  return fetch(url, {
    method: "POST",
    body,
    headers: { Accept: "application/json", "X-CSRFToken": csrfToken },
    credentials: "same-origin",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}

/**
 * Send a request until it is answered, for a minute at most.
 * Returns {ok, status, body}; status 0 means that no response ever came.
 */
export async function send(url, fields, waiting = () => {}) {
  const request = `${url}?${new URLSearchParams(fields)}`;
  const id = unresolved.get(request) ?? newId();
  unresolved.set(request, id);
  const started = performance.now();
  let status = 0;
  for (let attempt = 0; performance.now() - started < GIVE_UP_MS; attempt += 1) {
    let response = null;
    try {
      response = await post(url, new URLSearchParams([...fields, ["command_id", id]]));
    } catch {
      // No response at all: the request may have arrived, so it goes out again under the same id.
    }
    if (response && !WORTH_A_RETRY.has(response.status)) {
      unresolved.delete(request);
      const body = await response.json().catch(() => ({}));
      return { ok: response.ok, status: response.status, body };
    }
    status = response?.status ?? 0;
    waiting();
    const retryAfter = Number(response?.headers.get("Retry-After") ?? 0) * 1000;
    const delay = DELAYS_MS[Math.min(attempt, DELAYS_MS.length - 1)];
    await wait(Math.max(delay * (0.5 + Math.random() / 2), Math.min(retryAfter, 5000)));
  }
  return { ok: false, status, body: {} };
}

// A form may stand elsewhere, in a part that names its card.
function cardOf(form) {
  const part = form.closest("[data-for-card]");
  return (part && document.getElementById(part.dataset.forCard)) ?? form.closest("[data-live] [id]");
}
const onPage = (card) => document.getElementById(card.id) ?? card;

function noteOf(card) {
  if (!notes.has(card.id)) notes.set(card.id, { press: null, acknowledged: false, message: null });
  return notes.get(card.id);
}

function showNote(card) {
  const note = notes.get(card.id);
  if (!note) return;
  card.toggleAttribute("data-busy", note.press !== null);
  card.toggleAttribute("data-acknowledged", note.acknowledged);
  if (note.press) card.setAttribute("aria-busy", "true");
  else card.removeAttribute("aria-busy");
  card.querySelector("[data-message]")?.remove();
  if (!note.message) return;
  const box = document.createElement("div");
  box.dataset.message = note.message.kind;
  box.setAttribute("role", note.message.kind === "refused" ? "alert" : "status");
  const words = document.createElement("p");
  words.textContent = note.message.words;
  box.append(words);
  if (note.message.offer) box.append(note.message.offer);
  (card.querySelector("[data-notes]") ?? card).append(box);
}

function showMessage(card, kind, words, offer = null) {
  const note = noteOf(card);
  const message = { kind, words, offer };
  note.message = message;
  showNote(onPage(card));
  if (kind !== "refused") return;
  setTimeout(() => {
    if (note.message !== message) return;
    note.message = null;
    showNote(onPage(card));
  }, REFUSED_MS);
}

function offerAfter(form, card, code) {
  if (!code || form.dataset.offers !== code) return null;
  return card.querySelector("template[data-offer]")?.content.firstElementChild.cloneNode(true);
}

function wordsFor({ status, body }) {
  if (status === 0) return "Not saved: no answer. Press again to try once more.";
  if (status === 401) return "You are logged out. Log in again to go on.";
  if (status === 403) return body.detail ?? "Your role may not do this.";
  return body.detail ?? "That did not work. Press again to try once more.";
}

function fieldsOf(form, submitter) {
  const fields = [...new FormData(form)].filter(
    ([name]) => name !== "csrfmiddlewaretoken" && name !== "command_id",
  );
  if (submitter?.name) fields.push([submitter.name, submitter.value]);
  return fields;
}

async function submit(form, submitter) {
  const card = cardOf(form);
  if (!card) return; // it has left the screen
  const note = noteOf(card);
  if (note.press) return;
  const press = {}; // what the card waits for, until there is a response or the card shows something new
  const url = submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  const fields = fieldsOf(form, submitter);
  // What the card said at the tap: the push may be here before the response.
  const before = { ...card.dataset };
  Object.assign(note, { press, acknowledged: false, message: null, repainted: false });
  showNote(card);
  const result = await send(url, fields, () =>
    showMessage(card, "waiting", "Not saved, trying again"),
  );
  if (note.press === press) note.press = null;
  if (!note.press) note.message = null;
  const here = onPage(card);
  if (!result.ok) {
    showMessage(here, "refused", wordsFor(result), offerAfter(form, here, result.body.code));
    here.classList.add("refused");
    setTimeout(() => here.classList.remove("refused"), 300);
    return;
  }
  note.acknowledged = !note.repainted && !note.press;
  showNote(here);
  setTimeout(() => {
    note.acknowledged = false;
    showNote(onPage(card));
  }, ACKNOWLEDGED_MS);
  const detail = { form, submitter, fields: Object.fromEntries(fields), before };
  document.dispatchEvent(new CustomEvent("action:done", { detail }));
}

function disarm() {
  if (!armed) return;
  clearTimeout(armed.timer);
  armed.button.replaceChildren(...armed.words);
  delete armed.button.dataset.armed;
  armed = null;
}

// The first tap only asks; the second within three seconds means it.
function needsSecondTap(form, button) {
  if (!form.dataset.confirm) return false;
  const key = `${cardOf(form).id}|${form.getAttribute("action")}`;
  const again = armed?.key === key;
  disarm();
  if (again) return false;
  armed = { key, button, words: [...button.childNodes], timer: setTimeout(disarm, CONFIRM_MS) };
  button.textContent = form.dataset.confirm;
  button.dataset.armed = "";
  return true;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-send]")) return;
  const waits = needsSecondTap(form, event.submitter);
  // On a page that is not live nobody would push what it changes: the browser sends it, and reloads.
  if (!waits && !document.querySelector("[data-live]")) return;
  event.preventDefault();
  if (!waits) submit(form, event.submitter);
});

document.addEventListener("live:painted", (event) => {
  for (const card of [...event.detail.arrived, ...event.detail.changed]) {
    const note = notes.get(card.id);
    if (!note) continue;
    note.repainted = true;
    note.press = null;
    note.acknowledged = false;
    showNote(card);
  }
  for (const id of event.detail.removed) notes.delete(id);
});
