// The page to try the API: sends what a form says, and shows the response below it.

const csrfToken = document.querySelector("meta[name=csrf-token]").content;
const token = document.getElementById("token");

function addressOf(form) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  for (const field of form.querySelectorAll("[data-part]")) {
    const value = field.value.trim();
    if (field.dataset.part === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(value));
    if (field.dataset.part === "query" && value) query.set(field.name, value);
  }
  return query.size ? `${path}?${query}` : path;
}

function headersOf(form) {
  const headers = { Accept: "application/json" };
  if (token.value) headers.Authorization = `Bearer ${token.value.trim()}`;
  if (form.dataset.method === "POST") {
    headers["Content-Type"] = "application/json";
    headers["Idempotency-Key"] = crypto.randomUUID?.() ?? newKey();
    headers["X-CSRFToken"] = csrfToken;
  }
  return headers;
}

function newKey() { // where the page did not come over TLS, or from this machine
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function inLines(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function send(form) {
  const shown = form.parentElement.querySelector("pre");
  const address = addressOf(form);
  const body = form.dataset.method === "POST" ? form.elements.body?.value : undefined;
  shown.hidden = false;
  shown.textContent = `${form.dataset.method} ${address} …`;
  try {
    const response = await fetch(address, {
      method: form.dataset.method, headers: headersOf(form), body, signal: AbortSignal.timeout(20_000),
    });
    const text = await response.text();
    shown.textContent = `${form.dataset.method} ${address}\n${response.status}\n\n${inLines(text)}`;
  } catch (error) {
    shown.textContent = `${form.dataset.method} ${address}\n${error.message}`;
  }
}

for (const form of document.querySelectorAll("[data-try] form")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.dataset.path) send(form);
  });
}
