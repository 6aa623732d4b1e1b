// The outline of the text: its headings beside it, each a way to its place.

export function start() {
  const text = document.getElementById("body");
  const box = document.querySelector("[data-outline]");
  if (!text || !box) return;
  const list = box.querySelector("ol");
  let waiting;
  const show = () => {
    const found = headings(text.value);
    // One heading is no outline.
    box.hidden = found.length < 2;
    list.replaceChildren(...found.map((each) => line(text, each)));
  };
  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 300);
  });
  show();
}

// CommonMark's headings of # marks (4.2), without what stands in fenced code (4.5).
function headings(value) {
  const found = [];
  let fence = "";
  let place = 0;
  for (const line of value.split("\n")) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence) {
      if (mark?.startsWith(fence) && !line.trim().slice(mark.length)) fence = "";
    } else if (mark) fence = mark;
    else {
      const heading = /^ {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/.exec(line);
      if (heading?.[2]) found.push({ place, level: heading[1].length, words: heading[2].replace(/[*_`]/g, "") });
    }
    place += line.length + 1;
  }
  return found;
}

function line(text, { place, level, words }) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "b q s";
  button.textContent = words;
  button.style.setProperty("--level", level);
  button.addEventListener("click", () => goTo(text, place));
  item.append(button);
  return item;
}

function goTo(text, place) {
  const write = document.querySelector(".v-write");
  if (!text.offsetParent && write) write.click();
  text.focus({ preventScroll: true });
  text.setSelectionRange(place, place);
  const top = text.getBoundingClientRect().top + heightOf(text, place) - innerHeight / 4;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  scrollBy({ top, behavior: calm ? "auto" : "smooth" });
}

// How far down in the text a place is: as high as a copy that ends there.
function heightOf(text, place) {
  const copy = text.cloneNode();
  copy.removeAttribute("id");
  copy.removeAttribute("name");
  copy.value = text.value.slice(0, place);
  Object.assign(copy.style, { position: "absolute", visibility: "hidden", blockSize: "0", minBlockSize: "0", inlineSize: `${text.clientWidth}px` });
  text.after(copy);
  const height = copy.scrollHeight;
  copy.remove();
  return height;
}
