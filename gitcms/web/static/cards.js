// Lists of things: adding, moving and removing one without leaving the place where one is.
// The buttons are submits that return the whole form changed; this takes the fields out of it.

import * as grow from "./grow.js";
import * as tags from "./tags.js";

export function start() {
  const form = document.querySelector("[data-edit]");
  if (!form) return;
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (button?.name !== "do" || !form.querySelector(".side")?.contains(button)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const data = new FormData(form, button);
    const answer = await fetch(form.action, { method: "POST", body: data }).catch(() => null);
    const page = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
    const side = page?.querySelector("[data-edit] .side");
    // Anything unexpected is better met as a page of its own.
    if (!side) return void sendAsPage(form, button);
    form.querySelector(".side").replaceWith(side);
    grow.start(side);
    tags.start(side);
    form.dispatchEvent(new Event("input"));
    (side.querySelector("[data-touched] :is(input:not([type=hidden]), textarea, select)") ?? again(side, button))?.focus();
  }, { capture: true });
}

function sendAsPage(form, button) {
  const kept = document.createElement("input");
  Object.assign(kept, { type: "hidden", name: button.name, value: button.value });
  form.append(kept);
  form.submit();
}

// The same button, or what adds to the same list.
function again(side, button) {
  const list = button.value.split(":")[1]?.replace(/\.\d+$/, "");
  return side.querySelector(`[name=do][value="${CSS.escape(button.value)}"]`)
    ?? side.querySelector(`[name=do][value="${CSS.escape(`add:${list}`)}"]`);
}
