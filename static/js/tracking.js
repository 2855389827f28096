// The order page of a customer: the title, one sentence for screen readers and the alert follow the order.
//
// `live.js` puts the new fragment on the page; everything here is read from its root. The forms stand
// outside the fragment, because it is the same for every viewer: `data-if` names the attribute of
// the fragment that shows or hides them, `data-from` the one that says from when on they are shown.
// Without this module the page refreshes itself.

import { now } from "./clock.js";
import { reached, takeBack, tellReady } from "./ready_alert.js";
import "./refresh.js";

const LOOK_AGAIN_MS = 5_000;

const spoken = document.querySelector("[data-say]");
let { said, step } = document.getElementById("tracking").dataset; // as loaded: nothing is told again

// The button says what is due now; the shop refuses to charge anything else than what it says.
function showDue({ due, payWords }) {
  const button = document.querySelector("[data-pay]");
  if (!button) return;
  button.textContent = payWords;
  button.form.elements.seen_due.value = due;
}

// Of what time alone brings no push tells.
function showWhatHasBegun() {
  const shown = document.getElementById("tracking").dataset;
  for (const section of document.querySelectorAll("[data-from]")) {
    const from = shown[section.dataset.from];
    section.hidden = !from || now() < Date.parse(from);
  }
}

document.addEventListener("live:painted", () => {
  const shown = document.getElementById("tracking").dataset;
  document.title = shown.title;
  showDue(shown);
  showWhatHasBegun();
  for (const section of document.querySelectorAll("[data-if]")) {
    section.hidden = shown[section.dataset.if] !== "yes";
  }
  if (shown.said !== said) {
    said = shown.said;
    spoken.textContent = said; // a live region: read out once per real change
  }
  if (shown.step === step) return;
  // Made again, on the page of an order that was over: what one may do now is not on it.
  if (!document.querySelector("[data-tell-me]")) return location.reload();
  if (step === "ready") takeBack(shown.order);
  step = shown.step;
  reached(step);
  if (step === "ready") {
    tellReady(shown);
    scrollTo({ top: 0 });
  }
});

reached(step);
setInterval(showWhatHasBegun, LOOK_AGAIN_MS);
