// The order page of a customer: the title and one sentence for screen readers follow the order.
//
// `live.js` puts the new fragment on the page; everything here is read from its root. The forms stand
// outside the fragment, because it is the same for every viewer: `data-if` names the attribute of
// the fragment that shows or hides them. Without this module the page refreshes itself.

import "./refresh.js";

const spoken = document.querySelector("[data-say]");
let { said, step } = document.getElementById("tracking").dataset;

document.addEventListener("live:painted", () => {
  const order = document.getElementById("tracking");
  document.title = order.dataset.title;
  for (const section of document.querySelectorAll("[data-if]")) {
    section.hidden = order.dataset[section.dataset.if] !== "yes";
  }
  if (order.dataset.said !== said) {
    said = order.dataset.said;
    spoken.textContent = said; // a live region: read out once per real change
  }
  if (order.dataset.step !== step) {
    step = order.dataset.step;
    if (step === "ready") {
      navigator.vibrate?.([200, 100, 200]);
      scrollTo({ top: 0 });
    }
  }
});
