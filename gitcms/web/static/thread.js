// From saved to live, without looking again by hand. Asks often at first, then less.

const SOON = 1000;
const LATER = 8000;

export function start() {
  for (const place of document.querySelectorAll("[data-news]")) follow(place);
}

function follow(place) {
  const address = place.dataset.status ?? place.closest("[data-status]")?.dataset.status;
  const thread = () => place.querySelector("[data-thread]");
  const underWay = () =>
    ["queued", "running"].includes(thread()?.dataset.state) || thread()?.dataset.sent === "sending";
  if (!address || !underWay()) return;
  let pause = SOON;
  const ask = async () => {
    const answer = await fetch(address, { headers: { Accept: "application/json", "X-By-Itself": "1" } }).catch(() => null);
    // Someone who writes on has taken the thread away; it comes back with the next save.
    if (!thread() || !underWay() || thread().children.length < 2) return;
    if (answer?.ok) {
      const news = await answer.json();
      const { state, sent } = thread().dataset;
      if (news.state !== state || news.sent !== sent) place.innerHTML = news.html;
    }
    pause = Math.min(LATER, pause * 1.3);
    if (underWay()) setTimeout(ask, pause);
  };
  setTimeout(ask, pause);
}
