// The live screen's end of the wire: keeps the page equal to the read model, or says that it is not.
//
// Every view counts its changes without gaps. The next number is applied, an old one ignored, and
// anything else answered with a request for the whole picture; so a lost, doubled or late push does
// no harm. Ten seconds of silence are shown, with the age of what is on the screen. Knows nothing of
// what the screens mean; other modules listen to `live:painted` and `live:state` on the root.

import { now, serverSays, tick, wallClock } from "./clock.js";
import { Painter } from "./fragments.js";

const SILENCE_MS = 10_000; // two heartbeats missed
const LOST_MS = 60_000;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 15_000;
const ASK_AGAIN_MS = 2_000;
const GRACE_FOR_A_PUSH_MS = 300; // a heartbeat may overtake the push it speaks of
const BACK_MS = 4_000;
const SERVICE_RESTART = 1012;
const NOT_YOURS = [4401, 4403, 4404];

class LiveScreen {
  constructor(root) {
    this.root = root;
    this.generation = root.dataset.generation ?? "";
    this.seq = Number(root.dataset.seq || 0);
    this.shownAt = now();
    this.heardAt = performance.now();
    this.attempts = 0;
    this.away = false;
    this.early = [];
    this.painter = new Painter(root, (report) => this.afterPainting(report));
    this.title = document.title;
    this.show("connecting");
    this.connect();
    setInterval(() => this.watch(), 1000);
    for (const sign of ["focus", "online"]) addEventListener(sign, () => this.wake());
    document.addEventListener("visibilitychange", () => !document.hidden && this.wake());
    this.countInTitle();
  }

  connect() {
    clearTimeout(this.retry);
    const url = new URL(this.root.dataset.socket ?? `/ws/${this.root.dataset.live}/`, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.awaiting = true;
    this.askedAt = performance.now();
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onmessage = (event) => this.socket === socket && this.receive(JSON.parse(event.data));
    socket.onclose = (event) => this.socket === socket && this.closed(event.code);
  }

  closed(code) {
    this.socket = null;
    if (NOT_YOURS.includes(code)) {
      this.show("closed");
      return;
    }
    if (this.state === "live") this.show("connecting");
    const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.attempts);
    const extra = code === SERVICE_RESTART ? Math.random() * 5000 : 0;
    this.attempts += 1;
    this.retry = setTimeout(() => this.connect(), Math.random() * ceiling + extra);
  }

  wake() {
    if (this.state === "closed") return;
    if (!this.socket) this.connect();
    else if (performance.now() - this.heardAt > SILENCE_MS / 2) this.ask();
  }

  watch() {
    if (this.state === "closed") return;
    const silence = performance.now() - this.heardAt;
    if (silence < SILENCE_MS) return;
    this.away = true;
    this.show(silence < LOST_MS ? "stale" : "lost");
    if (this.socket && performance.now() - this.askedAt > SILENCE_MS) {
      const silent = this.socket;
      this.closed(0); // half open: it would never say so itself
      silent.close();
    }
  }

  ask() {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    if (this.awaiting && performance.now() - this.askedAt < ASK_AGAIN_MS) return;
    this.awaiting = true;
    this.askedAt = performance.now();
    this.socket.send(JSON.stringify({ kind: "snapshot" }));
  }

  receive(message) {
    this.heardAt = performance.now();
    this.attempts = 0;
    if (message.at) serverSays(message.at);
    switch (message.kind) {
      case "snapshot":
        this.takeSnapshot(message);
        break;
      case "push":
        this.takePush(message);
        break;
      case "heartbeat":
        this.takeHeartbeat(message);
        break;
      case "summary":
        this.painter.paint(message.fragments);
        break;
    }
  }

  takeSnapshot(message) {
    const older = String(message.generation) === String(this.generation) && message.seq < this.seq;
    if (older && !this.awaiting) return; // nobody asked, and a push has overtaken it
    const changes = this.away ? this.painter.differences(message.fragments) : 0;
    this.awaiting = false;
    this.become(message);
    this.painter.paint(message.fragments, {
      complete: true,
      outline: this.away,
      marks: this.marks(),
    });
    this.show("live");
    if (this.away) this.sayBack(changes);
    this.away = false;
    const early = this.early.sort((a, b) => a.seq - b.seq);
    this.early = [];
    for (const push of early) this.takePush(push);
  }

  takePush(message) {
    if (this.awaiting) {
      this.early.push(message);
      if (this.early.length > 200) this.early.shift();
      return;
    }
    if (String(message.generation) !== String(this.generation)) {
      this.ask();
    } else if (message.seq === this.seq + 1) {
      this.become(message);
      this.painter.paint(message.fragments, { marks: this.marks() });
    } else if (message.seq > this.seq) {
      this.early.push(message);
      this.ask();
    }
  }

  takeHeartbeat(message) {
    if (this.awaiting) {
      this.ask();
      return;
    }
    this.shownAt = now();
    this.show("live");
    const differs = () =>
      String(message.generation) !== String(this.generation) || message.seq > this.seq;
    if (differs()) setTimeout(() => differs() && this.ask(), GRACE_FOR_A_PUSH_MS);
    // Counting less than we do, twice in a row: the counter started anew.
    this.behind = message.seq < this.seq ? (this.behind ?? 0) + 1 : 0;
    if (this.behind >= 2) this.ask();
  }

  become({ generation, seq }) {
    this.generation = generation;
    this.seq = seq;
    this.shownAt = now();
  }

  marks() {
    return { generation: String(this.generation), seq: String(this.seq) };
  }

  afterPainting(report) {
    tick(this.root);
    this.countInTitle();
    this.showPosition();
    this.root.dispatchEvent(new CustomEvent("live:painted", { detail: report }));
  }

  countInTitle() {
    const slot = this.root.dataset.titleSlot;
    if (!slot) return;
    const count = this.root.querySelectorAll(`[data-slot="${slot}"] > [id]`).length;
    document.title = count > 0 ? `(${count}) ${this.title}` : this.title;
  }

  showPosition() {
    for (const element of document.querySelectorAll("[data-live-position]")) {
      element.textContent = `#${this.root.dataset.seq}`;
    }
  }

  show(state) {
    const before = this.state;
    this.state = state;
    this.root.dataset.liveState = state;
    if (state === "stale" || state === "lost") this.sayStale(state);
    if (before === state) return;
    for (const element of document.querySelectorAll("[data-live-dot]")) {
      element.dataset.liveDot = state;
      element.textContent = state === "live" ? "live" : state === "closed" ? "off" : "reconnecting";
    }
    if (state === "live" && !this.away) this.bar()?.remove();
    if (state === "closed") this.say("lost", "This screen is logged out. Reload the page to log in.");
    this.root.dispatchEvent(new CustomEvent("live:state", { detail: { state, before } }));
  }

  bar() {
    return document.getElementById("live-bar");
  }

  say(kind, words, ticking = "") {
    let bar = this.bar();
    if (!bar) {
      bar = document.createElement("div");
      bar.id = "live-bar";
      bar.append(document.createElement("span"), document.createElement("span"));
      bar.firstChild.setAttribute("role", "alert"); // read out once, not every second
      this.root.before(bar);
    }
    bar.dataset.kind = kind;
    if (bar.firstChild.textContent !== words) bar.firstChild.textContent = words;
    bar.lastChild.textContent = ticking;
  }

  sayStale(state) {
    const seconds = Math.floor((now() - this.shownAt) / 1000);
    const age = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
    this.say(
      state,
      state === "stale"
        ? "Connection lost. Reconnecting…"
        : (this.root.dataset.lostWords ??
            "No connection for over a minute. Take orders by voice until this bar is gone."),
      ` ${age} old – showing ${wallClock(this.shownAt)}`,
    );
  }

  sayBack(changes) {
    const words = changes === 1 ? "1 change" : `${changes} changes`;
    this.say("back", `Back – ${words} while away`);
    clearTimeout(this.backTimer);
    this.backTimer = setTimeout(() => this.bar()?.dataset.kind === "back" && this.bar().remove(), BACK_MS);
  }
}

const root = document.querySelector("[data-live]");
export const liveScreen = root ? new LiveScreen(root) : null;
