// Marks the orders that cannot be made as they are: something of them has run out.
//
// A card says what it is made of (`data-needs`); what has run out stands in one list on the page, which
// `news.js` keeps up to date. So a card stays as its order made it, and the mark goes by itself.

import { now } from "./clock.js";

function goneNow() {
  const things = [...document.querySelectorAll("#sold-out-now [data-thing]")];
  const left = things.filter(({ dataset }) => !(Date.parse(dataset.until ?? "") <= now()));
  return new Map(left.map((thing) => [thing.dataset.thing, thing.textContent.trim()]));
}

/** Mark the cards below `root`; calls `changed` with those that have another mark than before. */
export function flagSoldOut(root, changed) {
  const gone = goneNow();
  const others = [...root.querySelectorAll("[data-needs]")].filter((card) => {
    const flag = card.querySelector("[data-ask]");
    if (!flag) return false;
    const needed = card.dataset.needs.split(" ").filter((thing) => gone.has(thing));
    const words = needed.map((thing) => gone.get(thing)).join(", ");
    const name = flag.querySelector("[data-gone]");
    if (name.textContent === words && flag.hidden === !words) return false;
    name.textContent = words;
    flag.hidden = !words;
    return true;
  });
  if (others.length > 0) changed(others);
}
