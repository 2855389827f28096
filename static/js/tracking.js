// The order page of a customer: the title, one sentence for screen readers and the alert follow the order.
//
// `live.js` puts the new fragment on the page; everything here is read from its root. The forms stand
// outside the fragment, because it is the same for every viewer: `data-if` names the attribute of
// the fragment that shows or hides them. Without this module the page refreshes itself.

import { reached, takeBack, tellReady } from "./ready_alert.js";
import "./refresh.js";

const spoken = document.querySelector("[data-say]");
let { said, step } = document.getElementById("tracking").dataset; // as loaded: nothing is told again

document.addEventListener("live:painted", () => {
  const now = document.getElementById("tracking").dataset;
  document.title = now.title;
  showDue(now);
  for (const section of document.querySelectorAll("[data-if]")) {
    section.hidden = now[section.dataset.if] !== "yes";
  }
  if (now.said !== said) {
    said = now.said;
    spoken.textContent = said; // a live region: read out once per real change
  }
  if (now.step === step) return;
  // Made again, on the page of an order that was over: what one may do now is not on it.
  if (!document.querySelector("[data-tell-me]")) return location.reload();
  if (step === "ready") takeBack(now.order);
  step = now.step;
  // The button says what is due now; the shop refuses to charge anything else than what it says.
function showDue({ due, payWords }) {
  const button = document.querySelector("[data-pay]");
  if (!button) return;
  button.textContent = payWords;
  button.form.elements.seen_due.value = due;
}

reached(step);
  if (step === "ready") {
    tellReady(now);
    scrollTo({ top: 0 });
  }
});

reached(step);
