// "6 min" stays true while the page is open.
import { findAll } from "./dom.js";
import { words } from "./words.js";

const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
function ago(at, now) {
  const passed = now - at;
  if (passed < MINUTE) return words("now");
  if (passed < HOUR) return words("minutes", { num: Math.floor(passed / MINUTE) });
  if (passed < DAY) return words("hours", { num: Math.floor(passed / HOUR) });
  return null; // days later it is a date, which does not change
}

export function refreshTimes() {
  const now = Date.now();
  for (const time of findAll("time[data-ago]")) {
    const text = ago(Date.parse(time.dateTime), now);
    if (text !== null && text !== time.textContent) time.textContent = text;
  }
}

export function keepTimes() {
  setInterval(refreshTimes, 20_000);
}
