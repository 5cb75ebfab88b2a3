// One line of news at the bottom, read aloud by screen readers, with at most one thing to do about it.
import { find } from "./dom.js";

const SHOWN_FOR = 6000;
let timer = 0, beat = 0;

// `deed.counts`: the seconds that are left for it stand beside it; they are not read aloud.
export function say(text, deed = null) {
  const place = find("#say");
  if (!place) return;
  clearTimeout(timer);
  clearInterval(beat);
  place.replaceChildren(document.createTextNode(text));
  const lasts = deed?.lasts || SHOWN_FOR;
  if (deed) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = deed.title;
    button.addEventListener("click", () => { quiet(); deed.run(); });
    place.append(button);
    if (deed.counts) place.append(counter(lasts));
  }
  place.classList.add("shown");
  timer = setTimeout(quiet, lasts);
}

function counter(lasts) {
  const count = document.createElement("span"), until = Date.now() + lasts;
  count.className = "seconds";
  count.setAttribute("aria-hidden", "true");
  const tick = () => { count.textContent = String(Math.max(0, Math.ceil((until - Date.now()) / 1000))); };
  tick();
  beat = setInterval(tick, 250);
  return count;
}

export function quiet() {
  clearInterval(beat);
  find("#say")?.classList.remove("shown");
}
