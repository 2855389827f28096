// Parts of a page that are asked for again now and then: `data-refresh` names the address,
// `data-every` the seconds. An open table stays open, and nothing changes that did not change.

for (const place of document.querySelectorAll("[data-refresh]")) {
  setInterval(async () => {
    if (document.hidden || place.contains(document.activeElement)) return;
    const answer = await fetch(place.dataset.refresh).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const html = await answer.text();
    if (html === place.lastHtml) return;
    place.lastHtml = html;
    const open = [...place.querySelectorAll("details[open][data-key]")].map((d) => d.dataset.key);
    const template = document.createElement("template");
    template.innerHTML = html;
    for (const details of template.content.querySelectorAll("details[data-key]")) {
      details.open = open.includes(details.dataset.key);
    }
    place.replaceChildren(template.content);
  }, Number(place.dataset.every ?? 30) * 1000);
}
