// A few keys for those who like them, never while typing: / searches, n begins a new entry, j and k go down and up
// a list, x ticks where one is, ? tells which there are. Who speaks to their computer, or touches keys by accident, switches them off for this browser (WCAG
// 2.1.4). Esc closes what is open; dialogs know it by themselves.

const OFF = "gitcms.keys-off";

export function start() {
  offerSwitch();
  for (const select of document.querySelectorAll("[data-submits]")) submitOnceChosen(select);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return closeMenus();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([name=path]), textarea, select, [contenteditable]")) return;
    if (localStorage.getItem(OFF)) return;
    if (event.key === "?") return document.querySelector("[data-keys]")?.showModal();
    if ("jk".includes(event.key)) return goTo(event.key === "j" ? 1 : -1);
    if (event.key === "x") return event.target.closest(".rows > li")?.querySelector("[name=path]")?.click();
    // A list's own search comes first, then the site's; where that is narrow, a page of its own.
    const targets = { "/": ["main [type=search]", ".rail [type=search]", "[data-search]"], n: ["[data-new]"] }[event.key] ?? [];
    const found = targets.map((each) => document.querySelector(each)).find((each) => each?.checkVisibility());
    if (!found) return;
    event.preventDefault();
    if (found.matches("input")) found.focus();
    else found.click();
  });
}

function goTo(step) {
  const rows = [...document.querySelectorAll(".rows > li")];
  const now = rows.findIndex((row) => row.contains(document.activeElement));
  rows[now < 0 ? 0 : now + step]?.querySelector(".name").focus();
}

// Arrows go through a closed menu without choosing yet: the button beside it is for those who use them.
function submitOnceChosen(select) {
  let goes = true;
  select.addEventListener("keydown", ({ key }) => { goes = key === "Enter"; });
  select.addEventListener("pointerdown", () => { goes = true; });
  select.addEventListener("change", () => goes && select.form.requestSubmit());
}

function offerSwitch() {
  const box = document.querySelector("[data-keys-on]");
  if (!box) return;
  box.closest("[hidden]").hidden = false;
  box.checked = !localStorage.getItem(OFF);
  box.addEventListener("change", () => {
    if (box.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "yes");
  });
}

function closeMenus() {
  const open = document.querySelector("details.menu[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
}
