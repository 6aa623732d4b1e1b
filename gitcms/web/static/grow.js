// Text areas as tall as their text, where the style sheet cannot do it alone.

export function start(root) {
  if (CSS.supports("field-sizing", "content")) return;
  for (const text of root.querySelectorAll("textarea")) {
    const fit = () => {
      text.style.height = "auto";
      text.style.height = `${text.scrollHeight + text.offsetHeight - text.clientHeight}px`;
    };
    text.addEventListener("input", fit);
    fit();
  }
}
