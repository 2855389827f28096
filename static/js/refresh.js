// Parts of a page that change with time alone, or where no push tells of a change: each element with
// data-refresh is drawn anew from that address, every data-refresh-seconds, and at once if it is empty.
//
// With data-refresh-on-push also after each change of a live page. Never while somebody is typing in it.

const inUse = (part) =>
  part.contains(document.activeElement) ||
  [...part.querySelectorAll("input:not([type=hidden])")].some((input) => input.value);

async function refresh(part) {
  if (document.hidden || inUse(part)) return;
  const response = await fetch(part.dataset.refresh).catch(() => null);
  if (!response?.ok || response.redirected) return;
  const html = await response.text();
  if (!inUse(part)) part.innerHTML = html;
}

for (const part of document.querySelectorAll("[data-refresh]")) {
  if (!part.childElementCount && !part.textContent.trim()) refresh(part);
  setInterval(refresh, part.dataset.refreshSeconds * 1000, part);
  if ("refreshOnPush" in part.dataset) document.addEventListener("live:painted", () => refresh(part));
}
