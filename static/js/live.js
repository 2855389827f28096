// A live screen's websocket: keeps the page equal to the read model, or says that it is not.
//
// Every view counts its changes without gaps. The next number is applied, an old one ignored, and
// anything else answered with a request for the whole screen; so a lost, doubled or late push does
// no harm. Ten seconds of silence are shown, with the age of what is on the screen; and when the
// server says that changes are missing on it, its words stand there until it says otherwise. Knows
// nothing of what the screens mean; other modules listen to `live:painted`.

import { agoIn, now, serverSays, tick, twoDigits, wallClock } from "./clock.js";
import { Painter } from "./fragments.js";

const SILENCE_MS = 10_000; // two heartbeats missed
const LOST_MS = 60_000;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 15_000;
const REQUEST_AGAIN_MS = 2_000;
const REQUEST_PAUSE_MS = 600; // the shop closes a socket that asks twenty times in ten seconds
const GRACE_FOR_A_PUSH_MS = 300; // a heartbeat may overtake the push it speaks of
const MOST_EARLY = 200;
const BACK_MS = 4_000;
const SERVICE_RESTART = 1012;
const NOT_ALLOWED = 4403;
const STALE_WORDS = "Connection lost. Reconnecting…";
const LOST_WORDS = "No connection for over a minute. Take orders by voice until this bar is gone.";
const SAY_MS = 100; // a screen reader announces only what changes in an element that it knows
const DOTS = { live: "live", behind: "behind", closed: "off" };

class LiveScreen {
  constructor(root) {
    this.root = root;
    this.generation = root.dataset.generation;
    this.seq = Number(root.dataset.seq);
    const keptAt = Date.parse(document.documentElement.dataset.lastKnown ?? ""); // by offline.js
    this.away = !Number.isNaN(keptAt);
    this.shownAt = this.away ? keptAt : now();
    this.receivedAt = performance.now() - (this.away ? SILENCE_MS : 0);
    this.attempts = 0;
    this.stale = staleOnPage(); // the server's words about what is missing here, or null
    this.early = []; // pushes that came before the snapshot they follow
    this.painter = new Painter(root, (report) => this.afterPainting(report));
    this.title = document.title;
    this.show("connecting");
    this.connect();
    this.watch();
    setInterval(() => this.watch(), 1000);
    for (const sign of ["focus", "online"]) addEventListener(sign, () => this.wake());
    document.addEventListener("visibilitychange", () => !document.hidden && this.wake());
    this.countInTitle();
  }

  connect() {
    clearTimeout(this.retry);
    const url = new URL(this.root.dataset.socket, location.href);
    if (this.short) url.searchParams.set("short", "1"); // a whole screen did not get through
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.awaiting = true;
    this.requestedAt = performance.now();
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onmessage = (event) => this.socket === socket && this.receive(JSON.parse(event.data));
    socket.onclose = (event) => this.socket === socket && this.closed(event.code);
  }

  closed(code) {
    this.socket = null;
    if (code === NOT_ALLOWED) {
      this.show("closed");
      return;
    }
    if (this.isConnected) this.show("connecting");
    const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.attempts);
    const extra = code === SERVICE_RESTART ? Math.random() * 5000 : 0;
    this.attempts += 1;
    this.retry = setTimeout(() => this.connect(), Math.random() * ceiling + extra);
  }

  wake() {
    if (this.state === "closed") return;
    if (!this.socket) this.connect();
    else if (performance.now() - this.receivedAt > SILENCE_MS / 2) this.requestSnapshot();
  }

  watch() {
    if (this.state === "closed") return;
    const silence = performance.now() - this.receivedAt;
    if (silence < SILENCE_MS) return;
    this.away = true;
    this.show(silence < LOST_MS ? "stale" : "lost");
    if (this.socket && performance.now() - this.requestedAt > SILENCE_MS) {
      const silent = this.socket;
      this.short ||= this.awaiting && silent.readyState === WebSocket.OPEN;
      this.closed(0); // half open: it would never say so itself
      silent.close();
    }
  }

  requestSnapshot() {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    const pause = this.awaiting ? REQUEST_AGAIN_MS : REQUEST_PAUSE_MS;
    if (performance.now() - this.requestedAt < pause) return; // the next push or heartbeat asks
    this.awaiting = true;
    this.requestedAt = performance.now();
    this.socket.send(JSON.stringify({ kind: "snapshot" }));
  }

  receive(message) {
    this.receivedAt = performance.now();
    this.attempts = 0;
    if (message.at) serverSays(message.at);
    if ("stale" in message) this.stale = message.stale;
    if (message.program) this.offerUpdate(message.program);
    if (message.kind === "snapshot") this.takeSnapshot(message);
    else if (message.kind === "push") this.takePush(message);
    else if (message.kind === "heartbeat") this.takeHeartbeat(message);
    else if (message.kind === "summary") this.painter.paint(message.fragments);
  }

  isOurs({ generation }) {
    return String(generation) === String(this.generation);
  }

  takeSnapshot(message) {
    const older = this.isOurs(message) && message.seq < this.seq;
    if (older && !this.awaiting) return; // nobody asked, and a push has overtaken it
    const changes = this.away ? this.painter.differences(message.fragments) : 0;
    this.awaiting = false;
    this.apply(message, { complete: true, outline: this.away });
    this.settle();
    if (this.away && !this.stale) this.showBack(changes);
    this.away = false;
    const early = this.early.sort((a, b) => a.seq - b.seq);
    this.early = [];
    for (const push of early) this.takePush(push);
  }

  takePush(message) {
    if (this.awaiting) {
      this.early.push(message);
      if (this.early.length > MOST_EARLY) this.early.shift();
    } else if (!this.isOurs(message)) {
      this.requestSnapshot();
    } else if (message.seq === this.seq + 1) {
      this.apply(message);
    } else if (message.seq > this.seq) {
      this.early.push(message);
      this.requestSnapshot();
    }
  }

  takeHeartbeat(message) {
    if (this.awaiting) {
      this.requestSnapshot();
      return;
    }
    this.shownAt = now();
    this.settle();
    const differs = () => !this.isOurs(message) || message.seq > this.seq;
    if (differs()) setTimeout(() => differs() && this.requestSnapshot(), GRACE_FOR_A_PUSH_MS);
    // Counting less than we do, twice in a row: the counter started anew.
    this.behind = message.seq < this.seq ? (this.behind ?? 0) + 1 : 0;
    if (this.behind >= 2) this.requestSnapshot();
  }

  apply({ generation, seq, fragments }, options = {}) {
    this.generation = generation;
    this.seq = seq;
    this.shownAt = now();
    const marks = { generation: String(generation), seq: String(seq) };
    this.painter.paint(fragments, { ...options, marks });
  }

  afterPainting(report) {
    tick(this.root);
    this.countInTitle();
    for (const element of document.querySelectorAll("[data-live-position]")) {
      element.textContent = `#${this.root.dataset.seq}`;
    }
    this.root.dispatchEvent(new CustomEvent("live:painted", { detail: report, bubbles: true }));
  }

  countInTitle() {
    const slot = this.root.dataset.titleSlot;
    if (!slot) return;
    const more = Number(document.getElementById(`more-${slot}`)?.dataset.leftOut ?? 0);
    const count = this.root.querySelectorAll(`[data-slot="${slot}"] > [id]`).length + more;
    document.title = count > 0 ? `(${count}) ${this.title}` : this.title;
  }

  get isConnected() {
    return this.state === "live" || this.state === "behind";
  }

  // The connection is fine. Is what it brings?
  settle() {
    this.show(this.stale ? "behind" : "live");
  }

  show(state) {
    const before = this.state;
    this.state = state;
    this.root.dataset.liveState = state;
    if (state === "stale" || state === "lost") this.showAge(state);
    if (state === "behind") this.showBar("behind", this.stale.words, ` ${this.stale.detail}`);
    if (before === state) return;
    for (const element of document.querySelectorAll("[data-live-dot]")) {
      element.dataset.liveDot = state;
      element.textContent = DOTS[state] ?? "reconnecting";
    }
    if (state === "live" && !this.away) this.bar?.remove();
    if (state === "closed") this.showBar("lost", "This screen is logged out. Reload the page to log in.");
  }

  // The shop has newer scripts and styles than this page. Said, and never done in the middle of work.
  offerUpdate(program) {
    const { program: ours } = document.documentElement.dataset;
    if (!ours || ours === program || document.querySelector(".update-ready")) return;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "update-ready", textContent: "Update ready: load it now" });
    button.addEventListener("click", () => location.reload());
    this.root.before(button);
  }

  get bar() {
    return document.getElementById("live-bar");
  }

  showBar(kind, words, ticking = "") {
    let bar = this.bar;
    const isNew = !bar;
    if (isNew) {
      bar = document.createElement("aside");
      bar.id = "live-bar";
      bar.append(document.createElement("span"), document.createElement("span"));
      this.root.before(bar);
    }
    const said = bar.firstElementChild;
    const isUrgent = kind === "stale" || kind === "lost";
    said.setAttribute("role", isUrgent ? "alert" : "status"); // read out once, not every second
    bar.dataset.kind = kind;
    const say = () => said.textContent !== words && (said.textContent = words);
    if (isNew && !isUrgent) setTimeout(() => bar.dataset.kind === kind && say(), SAY_MS);
    else say();
    bar.lastElementChild.textContent = ticking;
  }

  showAge(state) {
    const seconds = Math.floor((now() - this.shownAt) / 1000);
    const age = `${twoDigits(Math.floor(seconds / 60))}:${twoDigits(seconds % 60)}`;
    const { staleWords = STALE_WORDS, lostWords = LOST_WORDS, ageWords } = this.root.dataset;
    const ticking = ageWords ? agoIn(ageWords, this.shownAt) : `${age} old – showing ${wallClock(this.shownAt)}`;
    this.showBar(state, state === "stale" ? staleWords : lostWords, ` ${ticking}`);
  }

  showBack(changes) {
    const words = this.root.dataset.backWords ?? `Back – {changes} change${changes === 1 ? "" : "s"} while away`;
    this.showBar("back", words.replace("{changes}", changes));
    clearTimeout(this.backTimer);
    this.backTimer = setTimeout(() => this.bar?.dataset.kind === "back" && this.bar.remove(), BACK_MS);
  }
}

function staleOnPage() {
  const bar = document.querySelector("#live-bar[data-kind=behind]");
  return bar && { words: bar.firstElementChild.textContent, detail: bar.lastElementChild.textContent };
}

const root = document.querySelector("[data-live]");
if (root) new LiveScreen(root);
