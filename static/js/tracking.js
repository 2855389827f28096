// The order page in the hand of its customer: the title and one spoken sentence follow the order.
//
// `live.js` puts the new fragment on the page; everything here is read from its root. Without this
// module the page still shows all there is to know.

const root = document.querySelector("main[data-live]");
const spoken = document.querySelector("[data-say]");

function tracking() {
  return document.getElementById("tracking");
}

let said = tracking()?.dataset.said ?? "";
let step = tracking()?.dataset.step ?? "";

root?.addEventListener("live:painted", () => {
  const order = tracking();
  if (!order) return;
  document.title = order.dataset.title;
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
