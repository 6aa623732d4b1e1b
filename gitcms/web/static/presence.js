// Who else has this entry open: asked now and then while the page is open, taken leave of when it goes.

// Later than the last page of this window takes leave.
const SOON = 2000;
const EVERY = 15000;

export function start() {
  const place = document.querySelector("[data-presence]");
  if (!place) return;
  const { elements } = place.closest("form");
  let last;

  const tell = (more = {}, options = {}) => {
    const data = new FormData();
    for (const name of ["csrf_token", "kept", "base"]) data.append(name, elements[name].value);
    for (const name in more) data.append(name, more[name]);
    // Nobody did this by hand: it keeps no session alive.
    const headers = { Accept: "application/json", "X-By-Itself": "1" };
    return fetch(place.dataset.presence, { method: "POST", body: data, headers, ...options }).catch(() => null);
  };

  const ask = async () => {
    const answer = await tell();
    if (answer?.ok) {
      const { html } = await answer.json();
      if (html !== last) put(place, last = html);
    } else if (answer?.status < 500) return;
    setTimeout(ask, EVERY);
  };

  setTimeout(ask, SOON);
  window.addEventListener("pagehide", () => tell({ left: 1 }, { keepalive: true }));
}

// Who has opened what is told there, or stands on it, still does when it is told anew.
function put(place, html) {
  const { open = false } = place.querySelector("details") ?? {};
  const held = place.contains(document.activeElement);
  place.innerHTML = html;
  // The heading scrolls away; that somebody saved is said beside what saves, too.
  document.querySelector("[data-saved-by]").textContent = place.querySelector(".saved + .here")?.textContent ?? "";
  const told = place.querySelector("details");
  if (!told) return;
  told.open = open;
  if (held) told.querySelector("summary").focus();
}
