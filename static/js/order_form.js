// Small comforts on the ordering forms: the price while choosing, buttons that wait for their answer.
//
// Every form works without this module, and the server calculates every price again. A form is
// never blocked for good: coming back to the page makes its buttons alive again.

const WAIT_MS = 8_000; // after this a person may press again; the command id is still the same

function cents(input) {
  return Number(input.dataset.price ?? 0);
}

function unitPrice(form) {
  let price = Number(form.dataset.basePrice ?? 0);
  for (const input of form.querySelectorAll("input[data-price]")) {
    if (input.checked) price += cents(input);
  }
  return price;
}

function showPrice(form) {
  const total = form.querySelector("[data-total]");
  if (!total) return;
  const quantity = Math.max(1, Number.parseInt(form.elements.quantity?.value, 10) || 1);
  const amount = ((unitPrice(form) * quantity) / 100).toFixed(2);
  const words = total.dataset.total.replace("0.00", amount);
  if (total.textContent !== words) total.textContent = words;
}

function rest(form, resting) {
  for (const button of form.querySelectorAll("button")) {
    button.toggleAttribute("disabled", resting);
  }
}

for (const form of document.querySelectorAll("form[data-prices]")) {
  form.addEventListener("input", () => showPrice(form));
  addEventListener("pageshow", () => showPrice(form));
}

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", () => {
    // After the browser has read the form: a disabled button is not sent.
    setTimeout(() => rest(form, true), 0);
    setTimeout(() => rest(form, false), WAIT_MS);
  });
  addEventListener("pageshow", () => rest(form, false));
}

const tabs = [...document.querySelectorAll(".tabs a[href^='#']")];
if (tabs.length > 0 && "IntersectionObserver" in globalThis) {
  const bySection = new Map(tabs.map((tab) => [tab.hash.slice(1), tab]));
  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries.filter((one) => one.isIntersecting)) {
        for (const tab of tabs) tab.removeAttribute("aria-current");
        bySection.get(entry.target.id)?.setAttribute("aria-current", "true");
      }
    },
    { rootMargin: "-30% 0px -60% 0px" },
  );
  for (const id of bySection.keys()) {
    const section = document.getElementById(id);
    if (section) observer.observe(section);
  }
}
