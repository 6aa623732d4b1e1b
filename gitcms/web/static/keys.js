// A few keys for those who like them, never while typing: / searches, n begins a new entry.

export function start() {
  for (const select of document.querySelectorAll("[data-submits]")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const target = { "/": "[type=search]", n: "[data-new]" }[event.key];
    const found = target && document.querySelector(target);
    if (!found) return;
    event.preventDefault();
    if (event.key === "/") found.focus();
    else found.click();
  });
}
