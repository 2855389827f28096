// A customer's page without a connection: it keeps itself while there is one, and says when there is none.
//
// Pages whose main element has data-keep are put into the service worker's cache as they are shown, on
// every change; without a connection the worker brings them back (service_worker.js), saying in
// data-last-known when they were true. Without this module, or without a service worker, pages work
// as long as there is a connection.

import { agoIn, now } from "./clock.js";

const MOST_ORDERS = 10; // kept at the same time
const CONFIRM_MS = 60_000; // what is shown is still true: so often that is noted
const LOOK_AGAIN_MS = 10_000;

const page = document.documentElement;
const worker = document.querySelector("meta[name=service-worker]");
const notice = document.querySelector("[data-no-connection]");
const kept = document.querySelector("main[data-keep]");
const isLive = kept?.dataset.live !== undefined;

/** Put the page into the cache as it is now. A browser that keeps nothing is no harm. */
const keep = () => put().catch(() => null);

async function put() {
  if (!kept || "lastKnown" in page.dataset) return;
  const shown = now();
  await navigator.serviceWorker.ready;
  if (!(await caches.has(worker.dataset.cache))) return; // the worker is another version's
  const cache = await caches.open(worker.dataset.cache);
  const headers = { "X-Shown": String(Math.round(shown)), "X-Kept": String(Date.now()) };
  await cache.put(location.pathname, new Response(asText(), { headers }));
  const orders = (await keptPages(cache)).filter(isOrder);
  await Promise.all(orders.slice(0, -MOST_ORDERS).map((request) => cache.delete(request)));
}

function asText() {
  const copy = page.cloneNode(true);
  delete copy.dataset.at;
  for (const passing of copy.querySelectorAll("#live-bar, .leaving")) passing.remove();
  return `<!doctype html>${copy.outerHTML}`;
}

const keptPages = async (cache) => [...(await cache.keys())];
const isOrder = ({ url }) => new URL(url).pathname.startsWith("/o/");

// The time of a page that is not live is the moment it lost its connection.
let lostAt = Date.parse(page.dataset.lastKnown ?? "");

function sayWhetherConnected() {
  if (!notice || isLive) return;
  const isLost = "lastKnown" in page.dataset || !navigator.onLine;
  notice.hidden = !isLost;
  if (!isLost) return;
  if (Number.isNaN(lostAt)) lostAt = now();
  notice.querySelector("[data-words]").textContent = agoIn(notice.dataset.noConnection, lostAt);
}

// Something else stands here in place of what was asked for: what was kept, or the page without a connection.
function isStandIn() {
  const ownAddress = document.querySelector("[data-kept-orders]")?.dataset.keptOrders;
  return !isLive && ("lastKnown" in page.dataset || (ownAddress ?? location.pathname) !== location.pathname);
}

function backAgain() {
  if (isStandIn()) location.reload();
  lostAt = NaN;
  sayWhetherConnected();
}

// There may be a network and no way to the shop: then nothing says when there is one again.
async function lookAgain() {
  if (!isStandIn() || document.hidden) return;
  const response = await fetch(location.href, { method: "HEAD" }).catch(() => null);
  if (response?.ok) location.reload();
}

async function listKeptOrders(list) {
  const cache = await caches.open(worker.dataset.cache);
  for (const request of (await keptPages(cache)).filter(isOrder).reverse()) {
    const html = await (await cache.match(request)).text();
    const link = document.createElement("a");
    link.href = new URL(request.url).pathname;
    link.textContent = new DOMParser().parseFromString(html, "text/html").title;
    list.append(document.createElement("li"));
    list.lastChild.append(link);
  }
}

function confirm() {
  if (isLive && kept.dataset.liveState === "live") keep();
}

if (worker && "serviceWorker" in navigator) {
  // The page itself comes first: what is kept for later is asked for when all of it is here.
  const register = () => navigator.serviceWorker.register(worker.content, { updateViaCache: "none" });
  addEventListener("load", () => register().catch(() => null));
  keep();
  document.addEventListener("page:redrawn", keep);
  document.addEventListener("live:painted", () => {
    delete page.dataset.lastKnown;
    keep();
  });
  document.addEventListener("visibilitychange", confirm);
  setInterval(confirm, CONFIRM_MS);
  const list = document.querySelector("[data-kept-orders]");
  if (list) listKeptOrders(list);
}
sayWhetherConnected();
setInterval(sayWhetherConnected, LOOK_AGAIN_MS);
setInterval(lookAgain, LOOK_AGAIN_MS);
addEventListener("offline", sayWhetherConnected);
addEventListener("online", backAgain);
