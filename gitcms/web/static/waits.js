// Something is read for the first time: shows how far it is, and the page itself once it is there.

const PAUSE = 1500;

export function start() {
  const bar = document.querySelector("[data-waits]");
  if (!bar) return;
  const ask = async () => {
    const answer = await fetch(location.href, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer && answer.status !== 503) return location.reload();
    const told = await answer?.json().catch(() => null);
    const far = told?.error ?? {};
    if (far.of) [bar.max, bar.value] = [far.of, far.done];
    if (far.done !== undefined) {
      const words = bar.previousElementSibling;
      words.textContent = words.textContent.replace(/\d+/, far.done);
    }
    setTimeout(ask, PAUSE);
  };
  setTimeout(ask, PAUSE);
}
