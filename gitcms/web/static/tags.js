// Words in a row as chips: Return or a comma adds one, Backspace takes the last one back.
// Underneath stays the one input, with commas, that is sent.

import { t } from "./words.js";

export function start(root) {
  for (const input of root.querySelectorAll("input[data-tags]")) dress(input);
}

function dress(input) {
  const box = document.createElement("div");
  const typed = document.createElement("input");
  box.className = "tags";
  typed.id = input.id;
  typed.autocomplete = "off";
  for (const name of ["aria-describedby", "aria-invalid", "list"]) {
    if (input.hasAttribute(name)) typed.setAttribute(name, input.getAttribute(name));
  }
  if (input.dataset.words) typed.setAttribute("list", input.dataset.words);
  input.removeAttribute("id");
  input.type = "hidden";
  const words = () => split(input.value);
  const keep = (list) => {
    input.value = list.join(", ");
    input.dispatchEvent(new Event("input", { bubbles: true }));
    show();
  };
  const show = () => {
    box.replaceChildren(...words().map((word, place) => chip(word, () => {
      keep(words().filter((_, other) => other !== place));
      typed.focus();
    })), typed);
  };
  const add = () => {
    const fresh = split(typed.value).filter((word) => !words().includes(word));
    typed.value = "";
    if (fresh.length) keep([...words(), ...fresh]);
  };
  typed.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if ((event.key === "Enter" || event.key === ",") && typed.value.trim()) {
      event.preventDefault();
      add();
      typed.focus();
    } else if (event.key === "Backspace" && !typed.value && words().length) {
      keep(words().slice(0, -1));
      typed.focus();
    }
  });
  typed.addEventListener("change", add);
  // Saving by a key leaves what is typed without a change of its own.
  input.form?.addEventListener("formdata", (event) => {
    if (input.isConnected && typed.value.trim()) {
      event.formData.set(input.name, [...words(), ...split(typed.value)].join(", "));
    }
  });
  box.addEventListener("click", (event) => { if (event.target === box) typed.focus(); });
  input.after(box);
  show();
}

function split(value) {
  return value.split(",").map((word) => word.trim()).filter(Boolean);
}

function chip(word, remove) {
  const tag = document.createElement("span");
  const button = document.createElement("button");
  tag.className = "tag";
  button.type = "button";
  button.setAttribute("aria-label", t("Remove {1}", word));
  button.textContent = "×";
  button.addEventListener("click", remove);
  tag.append(word, button);
  return tag;
}
