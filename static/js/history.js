// The slider of the past: dragging it moves the field, letting go shows that moment.
//
// The form works without this module, with the field alone.

document.documentElement.dataset.js = "";

for (const form of document.querySelectorAll("form[data-slider]")) {
  const range = form.querySelector("[data-range]");
  const field = form.querySelector("input[type=datetime-local]");
  // The field holds the shop's wall clock; seconds count on from its first value.
  const first = Date.parse(`${field.min}Z`);
  range.disabled = Number.isNaN(first);
  range.addEventListener("input", () => {
    const moment = new Date(first + (Number(range.value) - Number(range.min)) * 1000);
    field.value = moment.toISOString().slice(0, 19);
  });
  range.addEventListener("change", () => form.requestSubmit());
}
