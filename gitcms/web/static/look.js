// How the text reads, kept up to date while one writes.

const PAUSE = 400;

export function start() {
  const form = document.querySelector("[data-preview]");
  const place = document.querySelector("[data-look]");
  if (!form || !place) return;
  const text = document.getElementById("body");
  let shown = text.value;
  let waiting;
  const renew = async () => {
    if (text.value === shown) return;
    const sent = text.value;
    const data = new FormData();
    data.set("csrf_token", form.elements.csrf_token.value);
    data.set("path", form.dataset.path);
    data.set("body", sent);
    const answer = await fetch(form.dataset.preview, { method: "POST", body: data }).catch(() => null);
    if (answer?.ok && sent === text.value) {
      place.innerHTML = await answer.text();
      shown = sent;
    }
  };
  form.querySelector("[data-refresh]")?.setAttribute("hidden", "");
  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(renew, PAUSE);
  });
}
