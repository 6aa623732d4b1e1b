// How many entries of a list are ticked. The bar of what to do with them is shown by the style sheet, and always
// where there are no scripts.

import { counted } from "./words.js";

export function start() {
  const place = document.querySelector("[data-ticked]");
  if (!place) return;
  const { form } = place.parentElement.querySelector("button");
  const tell = () => {
    const many = form.querySelectorAll("[name=path]:checked").length;
    place.textContent = counted(many, "{1} selected", "{1} selected");
  };
  form.addEventListener("change", tell);
  form.addEventListener("reset", () => setTimeout(tell));
  // Going back, a browser ticks again what was ticked.
  window.addEventListener("pageshow", tell);
}
