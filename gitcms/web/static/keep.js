// What is typed is kept on the server while one writes; on this device, while the server cannot be reached.

import { t } from "./words.js";

const PAUSE = 1500;
const AT_LATEST = 8000;
// A page that goes away can send no more than this.
const LAST_WORDS = 60000;
const person = document.documentElement.dataset.person;
const SHELF = `gitcms.unsaved.${person}.`;

export function start() {
  const form = document.querySelector("[data-keep]");
  if (form) keepWhileWriting(form);
  bringAlong(form);
}

function keepWhileWriting(form) {
  const news = form.querySelector("[data-kept]");
  let waiting, since, version = 0, sent = 0, stopped = false, request;

  const keep = async () => {
    clearTimeout(waiting);
    since = undefined;
    if (stopped || sent === version) return;
    const now = version;
    const fields = typed(form);
    request = new AbortController();
    const answer = await post(form.dataset.keep, fields, { signal: request.signal });
    if (stopped) return;
    if (answer.ok) {
      sent = now;
      forget(form.dataset.keep);
      say(t("Kept {1}", answer.at), now);
    } else if (answer.status === 413) {
      news.textContent = t("This text is too long to be kept while you write. Save now and then.");
    } else if (answer.status !== 409) {
      const kept = remember(form.dataset.keep, fields);
      say(kept ? t("Kept on this device until the server can be reached") : t("Cannot be kept at the moment"), now, kept);
      waiting = setTimeout(keep, AT_LATEST);
    }
  };

  const say = (words, now, safe = true) => {
    news.textContent = words;
    if (safe && now === version) form.dataset.safe = "";
  };

  form.addEventListener("input", (event) => {
    if (event.target.name === "view") return;
    version += 1;
    delete form.dataset.safe;
    clearTimeout(waiting);
    since ??= Date.now();
    waiting = setTimeout(keep, Math.max(0, Math.min(PAUSE, since + AT_LATEST - Date.now())));
  });
  form.addEventListener("submit", () => {
    stopped = true;
    request?.abort();
    clearTimeout(waiting);
  });
  // Back from the page that a save led to, or from one that could not be reached.
  window.addEventListener("pageshow", () => { stopped = false; });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden" || stopped || sent === version) return;
    const fields = typed(form);
    if (remember(form.dataset.keep, fields) && size(fields) < LAST_WORDS) {
      post(form.dataset.keep, fields, { keepalive: true }).then((answer) => answer.ok && forget(form.dataset.keep));
    }
  });
}

// What this device kept goes to the server as soon as that can be reached again.
async function bringAlong(form) {
  let brought = 0;
  for (const key of Object.keys(localStorage).filter((each) => each.startsWith(SHELF))) {
    const { address, fields } = JSON.parse(localStorage.getItem(key));
    const answer = await post(address, fields);
    if (answer.ok || answer.status === 409 || answer.status === 404) localStorage.removeItem(key);
    if (answer.ok) brought += 1;
  }
  const lists = document.getElementById("drafts") || form;
  if (brought && lists && !form?.hasAttribute("data-unsaved") && form?.dataset.safe === undefined) {
    location.reload();
  }
}

function typed(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrf_token");
}

function size(fields) {
  return fields.reduce((sum, [name, value]) => sum + 3 * (name.length + value.length) + 200, 0);
}

async function post(address, fields, options = {}) {
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  data.set("csrf_token", document.querySelector("[name=csrf_token]")?.value ?? "");
  const headers = { Accept: "application/json" };
  try {
    const answer = await fetch(address, { method: "POST", body: data, headers, ...options });
    return answer.ok ? { ok: true, ...(await answer.json()) } : { ok: false, status: answer.status };
  } catch {
    return { ok: false, status: 0 };
  }
}

function remember(address, fields) {
  try {
    localStorage.setItem(SHELF + address, JSON.stringify({ address, fields }));
    return true;
  } catch {
    return false;
  }
}

function forget(address) {
  localStorage.removeItem(SHELF + address);
}
