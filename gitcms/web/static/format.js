// The toolbar over a text: each button writes Markdown where the cursor is.

import { counted } from "./words.js";

const MARKS = { bold: "**", italic: "*", strikethrough: "~~", code: "`" };
const LINES = { heading: "## ", quote: "> ", list: "- ", "numbered-list": "1. " };
for (let level = 1; level < 7; level += 1) LINES[`heading-${level}`] = `${"#".repeat(level)} `;
const KEYS = { b: "bold", i: "italic", k: "link" };

export function start(part = document) {
  for (const bar of part.querySelectorAll("[data-format]")) {
    const text = document.getElementById(bar.getAttribute("aria-controls"));
    if (text) show(bar, text);
  }
}

function show(bar, text) {
  bar.hidden = false;
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) write(text, button.dataset.do);
  });
  text.addEventListener("keydown", (event) => {
    const action = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && KEYS[event.key.toLowerCase()];
    if (!action || !bar.querySelector(`[data-do=${action}]`)) return;
    event.preventDefault();
    write(text, action);
  });
  oneStop(bar);
  const words = bar.querySelector("[data-words]");
  if (words) count(text, words);
}

function write(text, action) {
  text.focus();
  if (MARKS[action]) around(text, MARKS[action]);
  else if (LINES[action]) before(text, LINES[action]);
  else if (action === "code-block") block(text);
  else link(text, action === "picture" ? "!" : "");
}

// Put marks around the selection, or take them away when they are there.
function around(text, mark) {
  const { selectionStart: from, selectionEnd: to, value } = text;
  const words = value.slice(from, to);
  const length = mark.length;
  const isDouble = mark === "*" && value[from - 2] === "*" && value[from - 3] !== "*";
  if (value.slice(from - length, from) === mark && value.slice(to, to + length) === mark && !isDouble) {
    put(text, from - length, to + length, words);
    text.setSelectionRange(from - length, to - length);
  } else {
    put(text, from, to, mark + words + mark);
    text.setSelectionRange(from + length, to + length);
  }
}

// Put a mark before each line of the selection, or take it away when all have it.
function before(text, mark) {
  const { selectionStart, selectionEnd, value } = text;
  const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const next = value.indexOf("\n", selectionEnd);
  const to = next < 0 ? value.length : next;
  const lines = value.slice(from, to).split("\n");
  const all = lines.every((line) => line.startsWith(mark));
  const changed = lines.map((line) => (all ? line.slice(mark.length) : mark + line)).join("\n");
  put(text, from, to, changed);
  text.setSelectionRange(from + (lines.length > 1 ? 0 : changed.length), from + changed.length);
}

function link(text, mark) {
  const { selectionStart: from, selectionEnd: to, value } = text;
  const words = value.slice(from, to) || "words";
  put(text, from, to, `${mark}[${words}](https://)`);
  const address = from + mark.length + words.length + 3;
  text.setSelectionRange(address, address + 8);
}

// Lines of code between fences, on lines of their own.
function block(text) {
  const { selectionStart: from, selectionEnd: to, value } = text;
  const before = from && value[from - 1] !== "\n" ? "\n" : "";
  const after = to < value.length && value[to] !== "\n" ? "\n" : "";
  const words = value.slice(from, to);
  put(text, from, to, `${before}\`\`\`\n${words}\n\`\`\`${after}`);
  const first = from + before.length + 4;
  text.setSelectionRange(first, first + words.length);
}

// By way of the browser's own editing, so that undo knows of it.
function put(text, from, to, words) {
  text.setSelectionRange(from, to);
  const command = words ? ["insertText", false, words] : ["delete"];
  if (!document.execCommand(...command)) {
    text.setRangeText(words, from, to, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// Tab stops once at the toolbar; arrows go on inside it.
function oneStop(bar) {
  const buttons = [...bar.querySelectorAll("[data-do]")];
  buttons.forEach((button, place) => { button.tabIndex = place ? -1 : 0; });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const here = buttons.indexOf(document.activeElement);
    const next = buttons[(here + step + buttons.length) % buttons.length];
    buttons.forEach((button) => { button.tabIndex = button === next ? 0 : -1; });
    next.focus();
  });
}

function count(text, place) {
  const show = () => {
    const number = text.value.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
    place.textContent = counted(number, "{1} word", "{1} words");
  };
  text.addEventListener("input", show);
  show();
}
