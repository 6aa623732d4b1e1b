// Lists of things: adding, moving and removing one without leaving the place where one is.
// The buttons are submits that return the whole form changed; this takes the fields out of it.

import * as format from "./format.js";
import * as grow from "./grow.js";
import * as joined from "./joined.js";
import * as tags from "./tags.js";

export function start() {
  const form = document.querySelector("[data-edit]");
  if (!form) return;
  let busy = null;
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (busy) {
      // What was asked for just now is done first; else it would be missing in what is sent.
      event.preventDefault();
      event.stopImmediatePropagation();
      await busy;
      const same = !button || button.isConnected ? button : form.querySelector(`[name=do][value="${CSS.escape(button.value)}"]`);
      if (same !== null) form.requestSubmit(same);
      return;
    }
    if (button?.name !== "do" || !form.querySelector(".side")?.contains(button)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    busy = change(form, button);
    await busy;
    busy = null;
  }, { capture: true });
  form.addEventListener("keydown", byKeys);
  form.addEventListener("pointerdown", byHand);
}

async function change(form, button) {
  const data = new FormData(form, button);
  const answer = await fetch(form.action, { method: "POST", body: data }).catch(() => null);
  const page = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
  const side = page?.querySelector("[data-edit] .side");
  // Anything unexpected is better met as a page of its own.
  if (!side) return void sendAsPage(form, button);
  const before = form.querySelector(".side");
  typedSince(form, data, side, button);
  for (const name of opened(before)) {
    const card = side.querySelector(`[name="${CSS.escape(name)}"]`)?.closest("details.card");
    if (card) card.open = true;
  }
  before.replaceWith(side);
  format.start(side);
  grow.start(side);
  tags.start(side);
  joined.start(side);
  form.dispatchEvent(new Event("input"));
  (side.querySelector("[data-touched] > p > button, [data-touched]:not(.gone) :is(input:not([type=hidden]), textarea, select)") ?? again(side, button))?.focus();
}

// The order of cards in the page is the order that is sent: to move one is enough.
function put(card, before) {
  card.parentNode.insertBefore(card, before);
  card.dispatchEvent(new Event("input", { bubbles: true }));
}

function byKeys(event) {
  const card = event.altKey && event.target.closest?.("summary")?.parentNode;
  if (!card?.matches?.(".cards:not(.still) > .card") || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  const other = event.key === "ArrowUp" ? card.previousElementSibling : card.nextElementSibling;
  if (!other) return;
  if (event.key === "ArrowUp") put(card, other);
  else put(card, other.nextElementSibling);
  event.target.closest("summary").focus();
}

function byHand(event) {
  const grip = event.target.closest?.(".grip");
  const card = grip?.closest(".cards > .card");
  if (!card || event.button) return;
  event.preventDefault();
  let moved = false;
  const move = ({ clientY }) => {
    const others = [...card.parentNode.children].filter((one) => one !== card);
    const next = others.find((one) => {
      const { top, height } = one.getBoundingClientRect();
      return clientY < top + height / 2;
    }) ?? null;
    if (next === card.nextElementSibling) return;
    moved = true;
    card.classList.add("held");
    put(card, next);
  };
  const end = () => {
    document.removeEventListener("pointermove", move);
    card.classList.remove("held");
    // Letting go over the line is no wish to open the card.
    const still = (click) => click.preventDefault();
    if (moved) card.addEventListener("click", still, { capture: true });
    setTimeout(() => card.removeEventListener("click", still, { capture: true }), 50);
  };
  document.addEventListener("pointermove", move);
  for (const kind of ["pointerup", "pointercancel"]) document.addEventListener(kind, end, { once: true });
}

// What was typed while the answer was on its way, and the files that were chosen, but not in a list whose items
// have moved.
function typedSince(form, data, side, button) {
  const [verb, key = ""] = button.value.split(":");
  const list = /^(up|down|duplicate)/.test(verb) ? key.replace(/\.\d+$/, ".") : "\0";
  for (const chosen of form.querySelectorAll(".side input[type=file]")) {
    if (chosen.files.length && !chosen.name.startsWith(`file.${list}`)) {
      side.querySelector(`[name="${CSS.escape(chosen.name)}"]`)?.replaceWith(chosen);
    }
  }
  for (const [name, value] of new FormData(form)) {
    if (typeof value !== "string" || name.startsWith(`f.${list}`) || name.includes(".__") || data.get(name) === value) continue;
    const control = side.querySelector(`[name="${CSS.escape(name)}"]:is(input:not([type=radio], [type=checkbox]), textarea, select)`);
    if (control) control.value = value;
  }
}

// Cards that stand open stay so, each known by the control that every card has.
function opened(side) {
  return [...side.querySelectorAll("details.card[open]")].map((card) => card.querySelector("[name$='.__was']").name);
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
