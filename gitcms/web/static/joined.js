// Controls that belong together: a colour and its palette, a number and its slider, a relation and what is
// found for it, a field and the one that says whether it is asked for.

import { t } from "./words.js";

export function start(root) {
  for (const each of root.querySelectorAll("[data-colour-for], [data-slide-for]")) join(each);
  for (const each of root.querySelectorAll("[data-relation]")) look(each);
  conditions(root);
}

function join(other) {
  const text = document.getElementById(other.dataset.colourFor ?? other.dataset.slideFor);
  if (!text || text.tagName !== "INPUT") return;
  const take = () => {
    if (other.type === "range" || /^#[0-9a-f]{6}$/i.test(text.value)) other.value = text.value;
  };
  other.hidden = false;
  take();
  text.addEventListener("input", take);
  other.addEventListener("input", () => {
    text.value = other.value;
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function look(box) {
  const find = box.querySelector("[data-find]");
  const kept = box.querySelector("input:not([type=search]), textarea");
  const answers = box.querySelector("[data-answers]");
  let waiting, asked = 0;
  const choose = (value) => {
    const many = "many" in box.dataset;
    const there = kept.value.split("\n").filter(Boolean);
    kept.value = many ? [...there.filter((one) => one !== value), value].join("\n") : value;
    kept.dispatchEvent(new Event("input", { bubbles: true }));
    find.value = "";
    answers.replaceChildren();
    find.focus();
  };
  const show = async () => {
    const turn = ++asked;
    if (!find.value.trim()) return void answers.replaceChildren();
    const address = new URL(box.dataset.relation, location.href);
    address.searchParams.set("q", find.value);
    const found = await fetch(address).then((answer) => (answer.ok ? answer.json() : [])).catch(() => []);
    // Who is choosing already keeps what there is to choose from, and the place among it.
    if (turn !== asked || answers.contains(document.activeElement)) return;
    answers.replaceChildren(...(found.length ? found.map((one) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "b s q";
      button.textContent = one.title;
      button.addEventListener("click", () => choose(one.value));
      return button;
    }) : [document.createTextNode(t("Nothing is found."))]));
  };
  find?.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 150);
  });
  find?.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
    if (event.key === "ArrowDown" || event.key === "Enter") answers.querySelector("button")?.focus();
  });
  answers?.addEventListener("keydown", (event) => {
    const to = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (!to) return;
    event.preventDefault();
    (event.target[to] ?? find).focus();
  });
}

// Hidden is what is not asked for; without scripts a sentence says so. Its controls are sent all the same.
function conditions(root) {
  const form = root.querySelector("form[data-edit]") ?? root.closest?.("form");
  if (!form) return;
  const judge = () => {
    for (const box of form.querySelectorAll("[data-when]")) {
      const { when, is } = box.dataset;
      const given = new FormData(form);
      const texts = [...given.getAll(when), ...given.getAll(`${when}.__pick`)].flatMap((one) => String(one).split(/,\s*|\n/));
      if (form.elements.namedItem(when)?.type === "checkbox") texts.push(given.has(when) ? "true" : "false");
      const met = is ? is.split("|").some((one) => texts.includes(one)) : texts.some((one) => one && one !== "false");
      box.hidden = met === ("not" in box.dataset) && !box.querySelector("[aria-invalid]");
    }
  };
  judge();
  if (form.dataset.judged) return;
  form.dataset.judged = "1";
  for (const kind of ["input", "change"]) form.addEventListener(kind, judge);
}
