// What the composer knows of its own text while somebody writes: what is left, what is still to be filled in,
// and until when it may be sent.
import { find, findAll } from "./dom.js";
import { lengthOf } from "./measures.js";
import { words } from "./words.js";

const PLACEHOLDER = /\{\{[^{}\n]{1,200}\}\}/g;
const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

export const missingIn = (text) => [...new Set(text.match(PLACEHOLDER) ?? [])];

export function check(form) {
  const box = find("[data-box]", form);
  if (!box) return;
  count(form, box);
  mark(box);
}

function count(form, box) {
  const longest = Number(box.dataset.longest), place = find("[data-count-left]", form);
  if (!place || !longest) return;
  const left = longest - lengthOf(form.elements.text.value.trim(), box.dataset.measure);
  place.value = left < longest * 0.2 && left < 2000 ? words(left < 0 ? "over" : "left", { count: String(Math.abs(left)) }) : "";
  place.classList.toggle("over", left < 0);
}

// What a saved reply left open: marked behind the text, and named below it with a way there.
function mark(box) {
  const field = find("textarea", box), behind = find(".behind", box), place = find("[data-unfilled]", box);
  const missing = missingIn(field.value);
  box.classList.toggle("has-missing", missing.length > 0);
  behind.replaceChildren();
  if (missing.length) {
    let from = 0;
    for (const each of field.value.matchAll(PLACEHOLDER)) {
      behind.append(field.value.slice(from, each.index), tagged("mark", each[0]));
      from = each.index + each[0].length;
    }
    behind.append(`${field.value.slice(from)}\n`);
    behind.scrollTop = field.scrollTop;
  }
  const named = missing.join("\n");
  if (place.dataset.named === named) return;
  place.dataset.named = named;
  place.hidden = !missing.length;
  place.replaceChildren(words("toFillIn"), " ", ...missing.map((each) => {
    const button = tagged("button", each);
    button.type = "button";
    button.dataset.goTo = each;
    return button;
  }));
}

function tagged(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

function goTo(button) {
  const field = find("textarea", button.closest("[data-box]"));
  const at = field.value.indexOf(button.dataset.goTo);
  if (at < 0) return;
  field.focus();
  field.setSelectionRange(at, at + button.dataset.goTo.length);
}

// The same words as the server says (`composing.window_words`).
function left(until) {
  const rest = Date.parse(until) - Date.now();
  if (rest <= 0) return words("windowOver");
  const days = Math.floor(rest / DAY), hours = Math.floor(rest / HOUR) % 24, minutes = Math.floor(rest / MINUTE) % 60;
  if (days) return words("windowDays", { days, hours });
  if (hours) return words("windowHours", { hours, minutes });
  return words("windowMinutes", { minutes: Math.max(minutes, 1) });
}

function tick() {
  for (const chip of findAll("#composer [data-window]")) {
    const text = left(chip.dataset.window), place = find("span", chip);
    if (place.textContent !== text) place.textContent = text;
    if (Date.parse(chip.dataset.window) > Date.now() || chip.classList.contains("late")) continue;
    chip.classList.add("late");
    const send = find("form.reply [data-send]", chip.closest("#composer"));
    if (send) send.disabled = true;
  }
}

export function keepLimits() {
  setInterval(tick, 10_000);
  document.addEventListener("talk-shown", tick);
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-go-to]");
    if (button) goTo(button);
  });
  document.addEventListener("scroll", (event) => {
    if (event.target.matches?.("[data-box] textarea")) find(".behind", event.target.parentNode).scrollTop = event.target.scrollTop;
  }, true);
}
