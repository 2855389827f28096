// The shop's service worker. Keeps the files of customers' pages, and shows a page as it was last seen
// when the shop cannot be reached. Pages put themselves into the cache (offline.js); this only reads.
//
// Always the shop first, then what was kept. It leaves alone: what staff see, the board, the inspector,
// programs, every form that is sent. A forgotten customer's pages, and a logged-out device's, go.

const CACHE = "{{ cache }}";
const PAGE = "{{ page }}";
const FILES = [{% for file in files %}
  "{{ file }}",{% endfor %}
];

const PATIENCE_MS = 5_000; // a connection that says nothing for so long is none, if a page was kept
const CUSTOMERS = /^\/($|menu\/|basket\/|o\/|me\/(?!export)|register\/)/;
const FORGET = /^\/(me\/|staff\/logout\/)/; // forms after which the device is somebody else's

const ownCache = () => caches.open(CACHE);

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", answer);
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data.address));
});

async function install() {
  const cache = await ownCache();
  await cache.addAll([...FILES, PAGE]);
  await self.skipWaiting();
}

async function activate() {
  const others = (await caches.keys()).filter((name) => name.startsWith("barstucks-") && name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
  await self.clients.claim();
}

function answer(event) {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.method === "POST" && FORGET.test(pathname)) event.waitUntil(forgetPages());
  if (request.method !== "GET") return;
  if (FILES.includes(pathname)) event.respondWith(file(request));
  else if (request.mode === "navigate" && CUSTOMERS.test(pathname)) event.respondWith(page(request));
}

async function file(request) {
  const cache = await ownCache();
  return (await cache.match(request, { ignoreVary: true })) ?? fetch(request);
}

async function page(request) {
  const kept = await asLastSeen(new URL(request.url));
  const fresh = fetch(request);
  if (!kept) return fresh.catch(() => caches.match(PAGE, { ignoreVary: true }));
  const tooLate = new Promise((_, reject) => setTimeout(reject, PATIENCE_MS));
  return Promise.race([fresh, tooLate]).catch(kept);
}

// How to make the kept page: it says what time it is, and when it was true.
async function asLastSeen({ pathname, searchParams }) {
  if (searchParams.has("at")) return null; // a page of the past is another page
  const cache = await ownCache();
  const [kept, likeIt] = await Promise.all([cache.match(pathname), cache.match(PAGE, { ignoreVary: true })]);
  if (!kept || !likeIt) return null;
  return async () => {
    const shown = Number(kept.headers.get("X-Shown"));
    const age = Math.max(0, Date.now() - Number(kept.headers.get("X-Kept"))); // of one and the same clock
    const [was, is] = [shown, shown + age].map((moment) => new Date(moment).toISOString());
    const html = (await kept.text()).replace("<html ", `<html data-at="${is}" data-last-known="${was}" `);
    return new Response(html, { headers: likeIt.headers }); // with the shop's own security headers
  };
}

async function forgetPages() {
  const cache = await ownCache();
  const pages = (await cache.keys()).filter(({ url }) => {
    const { pathname } = new URL(url);
    return pathname !== PAGE && !FILES.includes(pathname);
  });
  await Promise.all(pages.map((kept) => cache.delete(kept)));
}

async function show(address) {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = pages.find(({ url }) => new URL(url).pathname === address);
  return open ? open.focus() : self.clients.openWindow(address);
}
