// Sends the forms of live screens without leaving the page. Without this module they all still work.
//
// One wish has one command id, made at the tap and kept for every retry, so that pressing or sending
// twice never does anything twice. A refusal is said in words on the card it is about. Knows nothing
// of what the wishes mean; forms say with `data-send` that they want this, with `data-confirm` that
// they want a second tap, and with `data-offer-*` what to offer after which refusal.

const DELAYS_MS = [500, 1000, 2000, 4000, 8000];
const GIVE_UP_MS = 60_000;
const TIMEOUT_MS = 8_000;
const CONFIRM_MS = 3_000;
const REFUSED_MS = 8_000;
const ACKNOWLEDGED_MS = 3_000;
const WORTH_A_RETRY = new Set([429, 502, 503, 504]);

const cards = new Map(); // card id → {busy, acknowledged, message}: survives the card's replacement
const unresolved = new Map(); // the wish → its command id, until somebody answered
let armed = null; // the form that waits for its second tap

function cookie(name) {
  return document.cookie
    .split("; ")
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

function csrfToken() {
  return (
    cookie("__Host-csrftoken") ??
    cookie("csrftoken") ??
    document.querySelector("meta[name=csrf-token]")?.content ??
    document.querySelector("input[name=csrfmiddlewaretoken]")?.value ??
    ""
  );
}

/** A version 4 UUID, also where the page is not a secure context (a tablet in the shop's own net). */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function post(url, body) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
  try {
    return await fetch(url, {
      method: "POST",
      body,
      headers: { Accept: "application/json", "X-CSRFToken": csrfToken() },
      credentials: "same-origin",
      signal: abort.signal,
    });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Send a wish until somebody answers it, for a minute at most.
 * Returns {ok, status, answer}; status 0 means that nobody ever answered.
 */
export async function send(url, fields, waiting = () => {}) {
  const wish = `${url}?${new URLSearchParams(fields)}`;
  const id = unresolved.get(wish) ?? newId();
  unresolved.set(wish, id);
  const started = performance.now();
  let status = 0;
  for (let attempt = 0; performance.now() - started < GIVE_UP_MS; attempt += 1) {
    let response = null;
    try {
      response = await post(url, new URLSearchParams([...fields, ["command_id", id]]));
    } catch {
      // No answer at all: the wish may have arrived, so it goes out again under the same id.
    }
    if (response && !WORTH_A_RETRY.has(response.status)) {
      unresolved.delete(wish);
      const answer = await response.json().catch(() => ({}));
      return { ok: response.ok, status: response.status, answer };
    }
    status = response?.status ?? 0;
    waiting(status);
    const asked = Number(response?.headers.get("Retry-After") ?? 0) * 1000;
    const delay = DELAYS_MS[Math.min(attempt, DELAYS_MS.length - 1)];
    await wait(Math.max(delay * (0.5 + Math.random() / 2), Math.min(asked, 5000)));
  }
  return { ok: false, status, answer: {} };
}

function cardOf(form) {
  return form.closest("[data-card]") ?? form.closest("[data-live] [id]") ?? form;
}

function noteOf(key) {
  if (!cards.has(key)) cards.set(key, { busy: false, acknowledged: false, message: null });
  return cards.get(key);
}

function paintNote(card) {
  const note = cards.get(card.id);
  if (!note) return;
  card.toggleAttribute("data-busy", note.busy);
  card.toggleAttribute("data-acknowledged", note.acknowledged);
  if (note.busy) card.setAttribute("aria-busy", "true");
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
  card.append(box);
}

function say(card, kind, words, offer = null) {
  const note = noteOf(card.id);
  const message = { kind, words, offer };
  note.message = message;
  paintNote(onPage(card));
  if (kind !== "refused") return;
  setTimeout(() => {
    if (note.message !== message) return;
    note.message = null;
    paintNote(onPage(card));
  }, REFUSED_MS);
}

function onPage(card) {
  return (card.id && document.getElementById(card.id)) || card;
}

function offerAfter(form, fields, url, answer) {
  if (!form.dataset.offerName || form.dataset.offerCode !== answer.code) return null;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = form.dataset.offerLabel;
  const again = [...fields, [form.dataset.offerName, "1"]];
  const target = form.dataset.offerUrl ?? url;
  button.addEventListener("click", () => submit(form, target, again));
  return button;
}

function wordsFor(result) {
  if (result.status === 0) return "Not saved: no answer. Press again to try once more.";
  if (result.status === 401) return "You are logged out. Log in again to go on.";
  if (result.status === 403) return result.answer.detail ?? "Your role may not do this.";
  return result.answer.detail ?? "That did not work. Press again to try once more.";
}

async function submit(form, url, fields) {
  const card = cardOf(form);
  if (!card.id) card.id = `form-${newId()}`;
  const note = noteOf(card.id);
  if (note.busy) return;
  // What the card said at the tap: the push may be here before the answer.
  const before = { ...card.dataset };
  Object.assign(note, { busy: true, acknowledged: false, message: null, repainted: false });
  paintNote(card);
  const result = await send(url, fields, () => say(card, "waiting", "Not saved, trying again"));
  Object.assign(note, { busy: false, message: null });
  const here = onPage(card);
  const detail = { url, fields: Object.fromEntries(fields), card: here, before, form, ...result };
  if (result.ok) {
    note.acknowledged = !note.repainted;
    paintNote(here);
    setTimeout(() => {
      note.acknowledged = false;
      paintNote(onPage(card));
    }, ACKNOWLEDGED_MS);
    document.dispatchEvent(new CustomEvent("action:done", { detail }));
    if (form.dataset.follow !== undefined && result.answer.url) location.href = result.answer.url;
    return;
  }
  paintNote(here);
  say(here, "refused", wordsFor(result), offerAfter(form, fields, url, result.answer));
  here.classList.add("refused");
  setTimeout(() => here.classList.remove("refused"), 300);
  document.dispatchEvent(new CustomEvent("action:refused", { detail }));
}

function disarm() {
  if (!armed) return;
  clearTimeout(armed.timer);
  if (armed.button) {
    armed.button.replaceChildren(...armed.words);
    delete armed.button.dataset.armed;
  }
  armed = null;
}

// The first tap only asks; the second within three seconds means it.
function needsSecondTap(form, button) {
  if (!form.dataset.confirm) return false;
  const key = `${cardOf(form).id}|${form.getAttribute("action")}`;
  if (armed?.key === key) {
    disarm();
    return false;
  }
  disarm();
  armed = { key, button, words: [...(button?.childNodes ?? [])], timer: setTimeout(disarm, CONFIRM_MS) };
  if (button) {
    button.textContent = form.dataset.confirm;
    button.dataset.armed = "";
  }
  return true;
}

function fieldsOf(form, submitter) {
  const fields = [...new FormData(form)].filter(
    ([name]) => name !== "csrfmiddlewaretoken" && name !== "command_id",
  );
  if (submitter?.name) fields.push([submitter.name, submitter.value]);
  return fields;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-send]")) return;
  event.preventDefault();
  if (needsSecondTap(form, event.submitter)) return;
  const url = event.submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  submit(form, url, fieldsOf(form, event.submitter));
});

document.addEventListener(
  "live:painted",
  (event) => {
    for (const card of [...event.detail.arrived, ...event.detail.changed]) {
      const note = cards.get(card.id);
      if (!note) continue;
      note.repainted = true;
      note.acknowledged = false;
      paintNote(card);
    }
    for (const id of event.detail.removed) cards.delete(id);
  },
  true, // the event does not bubble: it is caught on its way down
);
