// One line of news at the bottom, read aloud by screen readers, with at most one thing to do about it.
import { find } from "./dom.js";

const SHOWN_FOR = 6000;
let timer = 0;

export function say(text, deed = null) {
  const place = find("#say");
  if (!place) return;
  clearTimeout(timer);
  place.replaceChildren(document.createTextNode(text));
  if (deed) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = deed.title;
    button.addEventListener("click", () => { quiet(); deed.run(); });
    place.append(button);
  }
  place.classList.add("shown");
  timer = setTimeout(quiet, deed?.lasts || SHOWN_FOR);
}

function quiet() {
  find("#say")?.classList.remove("shown");
}
