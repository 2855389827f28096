// The ordering forms: the price while choosing, and buttons that are disabled until the response is here.
//
// Every form works without this module, and the server calculates every price again. A form is
// never blocked for good: coming back to the page makes its buttons alive again.

const WAIT_MS = 8_000; // after this a person may press again; the command id is still the same

function showPrice(form) {
  const total = form.querySelector("[data-total]");
  if (!total) return; // sold out
  let price = Number(form.dataset.basePrice);
  for (const input of form.querySelectorAll("input[data-price]:checked")) {
    price += Number(input.dataset.price);
  }
  const quantity = Math.max(1, Number.parseInt(form.elements.quantity.value, 10) || 1);
  total.parentElement.hidden = false; // without this script it would not follow the choice
  const [zero, mark] = /0([.,])00/.exec(total.dataset.total); // as the language writes it
  const amount = ((price * quantity) / 100).toFixed(2).replace(".", mark);
  total.textContent = total.dataset.total.replace(zero, amount);
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

// Gone back to as it was left: the basket has changed since.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted && document.querySelector(".menu-page")) location.reload();
});

for (const select of document.querySelectorAll(".choice select")) {
  // Who chooses a time means that time: a click into a label's own field does not check its radio.
  select.addEventListener("change", () => {
    select.closest(".choice").querySelector("input[type=radio]").checked = true;
  });
}

const tabs = [...document.querySelectorAll(".tabs a[href^='#']")];
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target } of entries.filter((entry) => entry.isIntersecting)) {
      for (const tab of tabs) tab.removeAttribute("aria-current");
      tabs.find((tab) => tab.hash === `#${target.id}`).setAttribute("aria-current", "true");
    }
  },
  { rootMargin: "-30% 0px -60% 0px" },
);
for (const tab of tabs) observer.observe(document.getElementById(tab.hash.slice(1)));
