// Gives a card on the bar the room that its lines need. Knows only their sizes on the screen.

const SMALLER = ["", "dense"];

const partsOf = (card) => [...card.querySelectorAll(":scope > * > .lines")];

function isTight(lines) {
  return lines.scrollHeight > lines.clientHeight + 1 || lines.scrollWidth > lines.clientWidth + 1;
}

function mend(card) {
  const [front, rest] = partsOf(card);
  card.classList.remove("torn", "dense");
  front.append(...rest.children);
}

// What does not fit the first cell goes on in the next one; if that is too little room, the lines
// are smaller, and what fits nowhere is scrolled. Nothing of an order is ever hidden.
function tear(card) {
  const [front, rest] = partsOf(card);
  for (const size of SMALLER) {
    mend(card);
    card.classList.add("torn");
    if (size) card.classList.add(size);
    while (isTight(front) && front.children.length > 0) rest.prepend(front.lastElementChild);
    if (rest.children.length === 0) keepTogether(card, size);
    if (!isTight(rest)) return;
  }
}

// Only the button has no room in the first cell. It does not get a cell of its own: the lines are
// smaller, or else the last one goes along with it.
function keepTogether(card, size) {
  const [front, rest] = partsOf(card);
  card.classList.replace("torn", "dense");
  if (!isTight(front)) return;
  card.classList.add("torn");
  card.classList.toggle("dense", size === "dense");
  rest.append(front.lastElementChild);
  if (isTight(rest)) front.append(rest.lastElementChild);
}

/** Fit these cards; each depends on itself and on the size of the window only. */
export function fitCards(cards) {
  const focused = document.activeElement;
  for (const card of cards) mend(card);
  for (const card of cards.filter((whole) => isTight(partsOf(whole)[0]))) tear(card);
  if (!cards.some((card) => card.contains(focused)) || document.activeElement === focused) return;
  const boxless = focused.getClientRects().length === 0;
  const target = boxless ? focused.querySelector(":scope > .front") : focused;
  if (target && !target.hasAttribute("tabindex")) target.tabIndex = -1;
  target?.focus({ preventScroll: true });
}

/** Where a card is on the screen: a torn one has no box of its own, its two parts have. */
export function boxesOf(card) {
  const parts = card.classList.contains("torn") ? [...card.children] : [card];
  return parts.map((part) => part.getBoundingClientRect());
}
