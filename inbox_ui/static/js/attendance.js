// Whether I am there: chosen in the frame, and away by itself when no hand moves. Pages without a live stream
// say now and then that they are open.
import { ask, build, find } from "./dom.js";
import { say } from "./say.js";
import { words } from "./words.js";

const TOLD_AGAIN = 60_000, ALIVE = 40_000; // ms
const HANDS = ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"];
let told = 0;

const button = () => find("#attendance");

export function putAttendance(html) {
  button()?.replaceChildren(build(html));
}

async function tell(values) {
  const body = new URLSearchParams({ csrf: document.body.dataset.formToken, ...values });
  const answer = await ask("/desk/attendance", { method: "POST", body }).catch(() => null);
  if (answer?.ok) putAttendance(await answer.text());
  return answer;
}

// Of all that moves, once a minute; at once where I count as away.
function moved() {
  const away = find(".there.away", button() ?? document.body) && Date.now() - told > 2000;
  if (!away && Date.now() - told < TOLD_AGAIN) return;
  told = Date.now();
  tell({ acts: "yes" });
}

async function choose(event) {
  const form = event.target.closest("form[data-attends]");
  if (!form || !form.closest("#attendance-menu")) return;
  event.preventDefault();
  told = Date.now();
  const answer = await tell(Object.fromEntries(new FormData(form, event.submitter)));
  if (!answer?.ok) return say(words("failed"));
  find("#attendance-menu")?.hidePopover();
}

async function showColleagues(event) {
  if (event.newState !== "open") return;
  const answer = await ask("/desk/attendance").catch(() => null);
  if (answer?.ok) find("[data-colleagues]").replaceChildren(build(await answer.text()));
}

export function keepAttendance({ streams = true } = {}) {
  for (const each of HANDS) addEventListener(each, moved, { passive: true });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") moved(); });
  document.addEventListener("submit", choose);
  find("#attendance-menu")?.addEventListener("toggle", showColleagues);
  moved();
  if (!streams) setInterval(() => tell({ lives: "yes" }), ALIVE);
}
