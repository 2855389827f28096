// This shop has switched its service worker off. A browser that still has one gets this in its place:
// it throws away all that was kept, and itself.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(leave()));

async function leave() {
  const names = (await caches.keys()).filter((name) => name.startsWith("barstucks-"));
  await Promise.all(names.map((name) => caches.delete(name)));
  await self.registration.unregister();
}
