// Puts server-rendered fragments on the page: the right element, the right place, nothing lost.
//
// Nothing moves under a finger: while the screen is touched, and 600 ms longer, changes wait. Focus,
// open drawers and half-typed numbers survive the replacement of the card around them. Knows nothing
// of sockets or sequence numbers; `live.js` decides what is to be painted.

const HOLD_MS = 600; // after the last touch
const LONGEST_HOLD_MS = 3000; // somebody who taps all the time still sees what is new
const LEAVING_MS = 250;
const OUTLINE_MS = 5000;

/** Paints the fragments of one live screen. `painted(report)` is called after every change. */
export class Painter {
  constructor(root, painted) {
    this.root = root;
    this.painted = painted;
    this.waiting = new Map();
    this.marks = {};
    this.signatures = new Map();
    this.fingers = new Set(); // by pointer
    this.lastTouch = -Infinity;
    this.heldSince = null;
    this.outlineNext = false;
    for (const child of root.querySelectorAll("[id]")) {
      this.signatures.set(child.id, signatureOf(child));
    }
    this.watchTouches();
  }

  /** Take these fragments; with `complete`, everything in a slot that is not among them goes. */
  paint(fragments, { complete = false, outline = false, marks = {} } = {}) {
    if (complete) {
      this.waiting.clear();
      for (const { id } of this.missing(fragments)) this.waiting.set(id, { id, html: null });
    }
    for (const fragment of fragments) this.waiting.set(fragment.id, fragment);
    this.outlineNext ||= outline;
    Object.assign(this.marks, marks);
    this.release();
  }

  /** The elements on the page that are not among these fragments. */
  missing(fragments) {
    const ids = new Set(fragments.map((fragment) => fragment.id));
    const children = [...this.root.querySelectorAll("[data-slot] > [id]")];
    return children.filter((child) => !ids.has(child.id));
  }

  /** How many of these fragments differ from what is on the page. */
  differences(fragments) {
    const changed = fragments.filter((fragment) => {
      const element = parse(fragment.html);
      return element && !("summary" in element.dataset) && this.signatures.get(fragment.id) !== signatureOf(element);
    });
    return this.missing(fragments).length + changed.length;
  }

  watchTouches() {
    const touched = () => {
      this.lastTouch = performance.now();
      setTimeout(() => this.release(), HOLD_MS + 10);
    };
    const lifted = (event) => {
      this.fingers.delete(event.pointerId);
      touched();
    };
    addEventListener("pointerdown", (event) => {
      this.fingers.add(event.pointerId);
      touched();
    });
    addEventListener("pointerup", lifted);
    addEventListener("pointercancel", lifted);
    addEventListener("blur", () => {
      this.fingers.clear();
      this.release();
    });
  }

  release() {
    const now = performance.now();
    const touched = this.fingers.size > 0 || now - this.lastTouch < HOLD_MS;
    if (touched && this.waiting.size > 0) {
      this.heldSince ??= now;
      if (now - this.heldSince < LONGEST_HOLD_MS) {
        setTimeout(() => this.release(), HOLD_MS / 2);
        return;
      }
    }
    this.heldSince = null;
    const report = { arrived: [], changed: [], removed: [] };
    for (const fragment of this.waiting.values()) this.apply(fragment, report);
    this.waiting.clear();
    Object.assign(this.root.dataset, this.marks);
    if (this.outlineNext) outline([...report.arrived, ...report.changed]);
    this.outlineNext = false;
    this.painted(report);
  }

  apply(fragment, report) {
    const old = document.getElementById(fragment.id);
    const fresh = parse(fragment.html);
    if (!fresh) {
      this.signatures.delete(fragment.id);
      if (old) report.removed.push(leave(old));
      return;
    }
    const signature = signatureOf(fresh);
    const slot = fragment.slot
      ? this.root.querySelector(`[data-slot="${CSS.escape(fragment.slot)}"]`)
      : (old?.parentElement ?? null);
    if (!slot) return;
    const inPlace = old?.parentElement === slot;
    const sort = fragment.slot ? (fragment.sort ?? "") : (old.dataset.sort ?? "");
    if (inPlace && this.signatures.get(fragment.id) === signature) return;
    this.signatures.set(fragment.id, signature);
    const restore = old ? remember(old) : () => {};
    if (fragment.slot) fresh.dataset.sort = sort;
    if (inPlace && (old.dataset.sort ?? "") === sort) {
      old.replaceWith(fresh);
    } else {
      old?.remove();
      slot.insertBefore(fresh, placeFor(slot, sort, fresh.id));
    }
    restore(fresh);
    fresh.dataset.alertBefore = old?.dataset.alert ?? "";
    fresh.dataset.changedBefore = old?.dataset.changedAt ?? "";
    if (old) {
      report.changed.push(fresh);
    } else {
      fresh.classList.add("arriving");
      report.arrived.push(fresh);
    }
  }
}

function parse(html) {
  if (!html) return null;
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

// Two renderings of the same facts differ only in the tokens of their forms.
function signatureOf(element) {
  const copy = element.cloneNode(true);
  const tokens = copy.querySelectorAll("input[name=csrfmiddlewaretoken], input[name=command_id]");
  for (const input of tokens) input.remove();
  copy.removeAttribute("data-sort");
  return copy.outerHTML.replace(/\s+/g, " ").replace(/> </g, "><");
}

function placeFor(slot, sort, id) {
  for (const child of slot.children) {
    if (!child.id) continue;
    const other = child.dataset.sort ?? "";
    if (other > sort || (other === sort && child.id > id)) return child;
  }
  return null;
}

function leave(element) {
  const id = element.id;
  element.removeAttribute("id");
  element.removeAttribute("data-card");
  element.inert = true;
  element.classList.add("leaving");
  setTimeout(() => element.remove(), LEAVING_MS);
  return id;
}

function outline(elements) {
  for (const element of elements) {
    element.classList.add("changed-while-away");
    setTimeout(() => element.classList.remove("changed-while-away"), OUTLINE_MS);
  }
}

const CONTROLS = "input:not([type=hidden]), select, textarea";

function firstValue(control) {
  if (control.tagName !== "SELECT") return control.defaultValue;
  return ([...control.options].find((option) => option.defaultSelected) ?? control.options[0])?.value;
}

function nameOf(control) {
  const form = control.closest("form");
  return [form?.getAttribute("action"), control.name, control.dataset.key, control.tagName].join("|");
}

// What a person has done to a card and the server cannot know; returns how to do it to another card.
function remember(card) {
  const active = card.contains(document.activeElement) ? document.activeElement : null;
  const focus = active && active !== card ? nameOf(active) : null;
  const open = [...card.querySelectorAll("details[open][data-key]")].map((d) => d.dataset.key);
  const typed = [...card.querySelectorAll(CONTROLS)]
    .filter((control) => control.value !== firstValue(control) || control.checked !== control.defaultChecked)
    .map((control) => [nameOf(control), control.value, control.checked]);
  return (fresh) => {
    for (const details of fresh.querySelectorAll("details[data-key]")) {
      if (open.includes(details.dataset.key)) details.open = true;
    }
    const controls = [...fresh.querySelectorAll(CONTROLS)];
    for (const [name, value, checked] of typed) {
      const control = controls.find((candidate) => nameOf(candidate) === name);
      if (control) Object.assign(control, { value, checked });
    }
    if (!active) return;
    const focusable = [...fresh.querySelectorAll("a[href], button, summary, input, select, textarea")];
    const target = focusable.find((candidate) => nameOf(candidate) === focus);
    if (!target && !fresh.hasAttribute("tabindex")) fresh.tabIndex = -1;
    (target ?? fresh).focus({ preventScroll: true });
  };
}
