// What the screen says aloud: four short sounds and a chime, generated, none longer than a second.
//
// A card asks for a sound with `data-alert`; it is heard when the card arrives or its alert changes.
// While any card still says `new` somebody has to be told again every 30 s, and nobody as soon as
// none does. Browsers allow sound only after a gesture: the first tap starts the shift and also
// keeps the screen awake. Knows nothing of sockets or orders.

const REPEAT_MS = 30_000;
const MUTE_MS = 15 * 60_000;

// [pitch in Hz, start in s, length in s, loudness 0..1]: each differs in pitch and in rhythm.
const SOUNDS = {
  new: [[660, 0, 0.14, 0.8], [880, 0.17, 0.22, 0.8]],
  changed: [[294, 0, 0.12, 0.7], [294, 0.18, 0.12, 0.7]],
  stop: [[784, 0, 0.18, 1], [587, 0.22, 0.18, 1], [392, 0.44, 0.34, 1]],
  late: [[1200, 0, 0.05, 0.35]],
  ready: [[523, 0, 0.3, 0.7], [659, 0.16, 0.3, 0.7], [784, 0.32, 0.5, 0.7]],
};

let audio = null;

function stored(key, fallback) {
  try {
    return localStorage.getItem(key) ?? fallback;
  } catch {
    return fallback;
  }
}

function store(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A browser that keeps nothing still makes sounds; only the setting is forgotten.
  }
}

const volume = () => Number(stored("sound-volume", "70")) / 100;
const mutedUntil = () => Number(stored("sound-muted-until", "0"));
const muted = () => mutedUntil() > Date.now();

/** Play one of the sounds by name; silently nothing before the shift has started or while muted. */
export function play(name, { anyway = false } = {}) {
  const notes = SOUNDS[name];
  document.documentElement.dataset.lastSound = name;
  if (!notes || !audio || audio.state !== "running" || (muted() && !anyway)) return;
  for (const [pitch, start, length, loudness] of notes) {
    const from = audio.currentTime + start;
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    tone.type = "triangle";
    tone.frequency.value = pitch;
    gain.gain.setValueAtTime(0.0001, from);
    gain.gain.exponentialRampToValueAtTime(Math.max(0.001, volume() * loudness), from + 0.015);
    gain.gain.exponentialRampToValueAtTime(0.0001, from + length);
    tone.connect(gain).connect(audio.destination);
    tone.start(from);
    tone.stop(from + length + 0.02);
  }
}

async function stayAwake() {
  if (document.hidden || !audio || !navigator.wakeLock) return;
  // The browser may refuse (battery, policy); the screen then sleeps as it always did.
  await navigator.wakeLock.request("screen").catch(() => null);
}

async function startShift() {
  if (audio) return;
  audio = new AudioContext();
  await audio.resume();
  for (const button of document.querySelectorAll("[data-start-shift]")) button.hidden = true;
  showSetting();
  stayAwake();
}

/** Mute for 15 minutes, or unmute. A mute that never ends would be forgotten. */
export function toggleMute() {
  store("sound-muted-until", muted() ? "0" : String(Date.now() + MUTE_MS));
  showSetting();
}

function showSetting() {
  for (const button of document.querySelectorAll("[data-mute]")) {
    const words = !audio ? "Sound off" : muted() ? "Muted 15 min" : "Sound on";
    button.textContent = words;
    button.setAttribute("aria-pressed", String(muted()));
  }
  for (const slider of document.querySelectorAll("[data-volume]")) {
    slider.value = String(Math.round(volume() * 100));
  }
}

function alertsOf(cards) {
  const alerts = cards
    .filter((card) => card.dataset.alert && card.dataset.alert !== card.dataset.alertBefore)
    .map((card) => card.dataset.alert);
  return [...new Set(alerts)];
}

document.addEventListener(
  "live:painted",
  (event) => {
    const { arrived, changed } = event.detail;
    // One sound at a time, the gravest of them.
    const heard = alertsOf([...arrived, ...changed]);
    const first = ["stop", "ready", "changed", "new"].find((name) => heard.includes(name));
    if (first) play(first);
  },
  true,
);

document.addEventListener("clock:late", () => play("late"));
document.addEventListener("visibilitychange", stayAwake);
for (const gesture of ["pointerup", "keydown"]) {
  addEventListener(gesture, startShift, { once: true });
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-mute]")) {
    if (audio) toggleMute();
  }
  const test = event.target.closest("[data-test-sound]");
  if (test) startShift().then(() => play(test.dataset.testSound, { anyway: true }));
});
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-volume]")) return;
  store("sound-volume", event.target.value);
});

setInterval(() => {
  if (document.querySelector("[data-live] [data-alert=new]")) play("new");
}, REPEAT_MS);
setInterval(showSetting, 10_000);
showSetting();
