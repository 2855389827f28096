// Time on the screens: the wall clock, the age of every order, and whether its promise is kept.
//
// Ages are measured against the server's time, never against the clock of the tablet: heartbeats
// bring the time of the server, and between two of them the monotonic clock counts on. Knows nothing
// of sockets or of what an order is; it only reads `data-since`, `data-promised`, `data-shown-from`
// and `data-shown-until`.

const AMBER_PERCENT = 75;
const REMEMBERED_OFFSETS = 12; // one minute of heartbeats

const offsets = [];
let offset = Date.now() - performance.now();
// A page of the past stands still: its ages are those of then.
const then = Date.parse(document.documentElement.dataset.history ?? "");

/** The server said what time it is (an ISO string). The least delayed message of a minute counts. */
export function serverSays(at) {
  const moment = Date.parse(at);
  if (Number.isNaN(moment)) return;
  offsets.push(moment - performance.now());
  if (offsets.length > REMEMBERED_OFFSETS) offsets.shift();
  offset = Math.max(...offsets);
}

/** Milliseconds since the epoch, by the server's clock. */
export function now() {
  return Number.isNaN(then) ? performance.now() + offset : then;
}

const shopZone = document.documentElement.dataset.timeZone || undefined;

function timeFormat(options) {
  try {
    return new Intl.DateTimeFormat("en-GB", { ...options, hourCycle: "h23", timeZone: shopZone });
  } catch {
    return new Intl.DateTimeFormat("en-GB", { ...options, hourCycle: "h23" });
  }
}

const hoursAndMinutes = timeFormat({ hour: "2-digit", minute: "2-digit" });
const withSeconds = timeFormat({ hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** A moment (milliseconds) as the shop's wall clock shows it, with seconds. */
export function wallClock(moment) {
  return withSeconds.format(moment);
}

/** "Last known {time}, {age}." with the shop's wall clock at that moment, and how long ago it is. */
export function agoIn(words, moment) {
  return words.replace("{time}", hoursAndMinutes.format(moment)).replace("{age}", howLongAgo(moment));
}

const UNITS = [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];

function howLongAgo(moment) {
  const seconds = Math.max(0, (now() - moment) / 1000);
  const [unit, length] = UNITS.find((candidate) => seconds >= candidate[1]) ?? UNITS.at(-1);
  const format = new Intl.RelativeTimeFormat(`${document.documentElement.lang}-u-nu-latn`);
  return format.format(-Math.floor(seconds / length), unit);
}

/** A number with a leading zero where it has one digit. */
export function twoDigits(number) {
  return String(number).padStart(2, "0");
}

/** Seconds as people read them on a kitchen clock: 3:12, or 1:04:09. */
export function asMinutes(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return h > 0 ? `${h}:${twoDigits(m)}:${twoDigits(s)}` : `${m}:${twoDigits(s)}`;
}

// Of the promised time: from here on the order needs attention. The shop chooses it, also while
// screens are open: the part that is drawn anew says it, for all cards at once.
function amberShare() {
  const said = document.querySelector("[data-amber-percent]");
  return Number(said?.dataset.amberPercent || AMBER_PERCENT) / 100;
}

function ageOf(since, promised, moment, amber) {
  if (!(promised > since)) return "fresh";
  const share = (moment - since) / (promised - since);
  if (share >= 1) return "late";
  return share >= amber ? "amber" : "fresh";
}

function showAge(element, moment, amber) {
  const since = Date.parse(element.dataset.since);
  if (Number.isNaN(since)) return;
  const words = asMinutes((moment - since) / 1000);
  if (element.textContent !== words) element.textContent = words;
  if (!element.dataset.promised) return;
  const card = element.closest("[data-card]");
  if (!card) return; // it is leaving
  const age = ageOf(since, Date.parse(element.dataset.promised), moment, amber);
  if (card.dataset.age === age) return;
  const before = card.dataset.age;
  card.dataset.age = age;
  if (age === "late" && before) {
    card.dispatchEvent(new CustomEvent("clock:late", { bubbles: true }));
  }
}

/** Bring every age and every clock below `scope` up to now. */
export function tick(scope = document) {
  const moment = now();
  const amber = amberShare();
  for (const element of scope.querySelectorAll("[data-since]")) showAge(element, moment, amber);
  for (const element of scope.querySelectorAll("[data-shown-from]")) {
    element.hidden = moment < Date.parse(element.dataset.shownFrom);
  }
  for (const element of scope.querySelectorAll("[data-shown-until]:not([hidden])")) {
    element.hidden = moment >= Date.parse(element.dataset.shownUntil);
    if (element.hidden) element.dispatchEvent(new CustomEvent("clock:over", { bubbles: true }));
  }
  for (const element of scope.querySelectorAll("[data-clock]")) {
    element.textContent = hoursAndMinutes.format(moment);
  }
  for (const element of scope.querySelectorAll("[data-count-of]")) {
    const more = element.dataset.countMore && document.querySelector(element.dataset.countMore);
    const count = document.querySelectorAll(element.dataset.countOf).length + Number(more?.dataset.leftOut ?? 0);
    if (element.textContent !== String(count)) element.textContent = String(count);
  }
}

const renderedAt = document.documentElement.dataset.at;
if (renderedAt) serverSays(renderedAt);
if (Number.isNaN(then)) setInterval(tick, 1000);
setTimeout(tick, 0); // after the other modules have seen the page as the server sent it
