// The writing page: Ctrl+S saves, leaving with unsaved words asks, pressing Save says so.

import { t } from "./words.js";

export function start() {
  const form = document.querySelector("[data-edit]");
  if (!form) return;
  document.getElementById("problems")?.focus();
  keepSingleLines(form);
  rememberView(form);
  warnBeforeLeaving(form);
  form.addEventListener("submit", (event) => sayWorking(event.submitter));
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
      event.preventDefault();
      form.requestSubmit(form.querySelector(".save .go"));
    }
  });
}

function warnBeforeLeaving(form) {
  let unsaved = form.hasAttribute("data-unsaved");
  form.addEventListener("input", (event) => {
    if (event.target.name === "view" || unsaved) return;
    unsaved = true;
    const first = form.querySelector("[data-thread] li");
    if (first) {
      first.closest("ol").replaceChildren(first);
      first.className = "now";
      first.textContent = t("Not saved yet");
    }
  });
  form.addEventListener("submit", () => { unsaved = false; });
  window.addEventListener("beforeunload", (event) => { if (unsaved && !form.dataset.safe) event.preventDefault(); });
}

function sayWorking(button) {
  if (!button?.closest(".save") || button.name !== "intent") return;
  const words = button.textContent;
  button.style.minWidth = `${button.offsetWidth}px`;
  // Only after the form was read: a disabled button is not sent.
  setTimeout(() => { button.disabled = true; button.textContent = t("Saving…"); });
  window.addEventListener("pageshow", () => { button.disabled = false; button.textContent = words; });
}

// A title is one line that may wrap: Return is no part of it.
function keepSingleLines(form) {
  for (const field of form.querySelectorAll("textarea[data-line]")) {
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) event.preventDefault();
    });
    field.addEventListener("input", () => {
      if (field.value.includes("\n")) field.value = field.value.replace(/\s*\n\s*/g, " ");
    });
  }
}

function rememberView(form) {
  const radios = [...form.querySelectorAll("[name=view]")];
  const key = "gitcms.view";
  const known = radios.find((radio) => radio.value === localStorage.getItem(key));
  if (known && known.value !== "fields" && !form.hasAttribute("data-unsaved")) known.checked = true;
  for (const radio of radios) radio.addEventListener("change", () => localStorage.setItem(key, radio.value));
}
