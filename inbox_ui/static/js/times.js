// "6 min" stays true while the page is open.
import { find, findAll } from "./dom.js";
import { words } from "./words.js";

const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
function ago(at, now) {
  const passed = now - at;
  if (passed < MINUTE) return words("now");
  if (passed < HOUR) return words("minutes", { num: Math.floor(passed / MINUTE) });
  if (passed < DAY) return words("hours", { num: Math.floor(passed / HOUR) });
  return null; // days later it is a date, which does not change
}

// The same words and colours as the server's (`deadlines.py`).
const KINDS = { reply: "replyIn", resolve: "resolveIn", due: "dueIn", window: "windowFor" };
function span(left) {
  if (left < HOUR) return words("minutes", { num: Math.max(1, Math.floor(left / MINUTE)) });
  if (left < 2 * DAY) return words("hours", { num: Math.floor(left / HOUR) });
  return words("days", { num: Math.floor(left / DAY) });
}

function deadline(kind, left) {
  if (left > 0) return [words(KINDS[kind], { time: span(left) }), left <= (kind === "window" ? 2 : 1) * HOUR ? "soon" : ""];
  return kind === "window" ? [words("windowClosed"), "over"] : [words("overdue", { time: span(-left) }), "late"];
}

export function refreshTimes() {
  const now = Date.now();
  for (const chip of findAll("[data-deadline]")) {
    const [text, state] = deadline(chip.dataset.deadline, Date.parse(chip.dataset.until) - now);
    const place = find("span", chip);
    if (place.textContent !== text) place.textContent = text;
    for (const each of ["soon", "late", "over"]) chip.classList.toggle(each, each === state);
  }
  for (const time of findAll("time[data-ago]")) {
    const text = ago(Date.parse(time.dateTime), now);
    if (text !== null && text !== time.textContent) time.textContent = text;
  }
}

export function keepTimes() {
  setInterval(refreshTimes, 20_000);
}
