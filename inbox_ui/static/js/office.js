// The office: back to the inbox by Esc or g i; everything else there works without scripts.
import { ask, build, find, findAll, isTyping } from "./dom.js";
import { keepAttendance } from "./attendance.js";
import { keepTimes } from "./times.js";

let going = 0;

function leave() {
  find("[data-leave]")?.click();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    const open = event.target.closest?.("details.asks[open]");
    if (open) {
      open.open = false;
      find("summary", open).focus();
    } else if (isTyping(event.target)) find("#page").focus({ preventScroll: true });
    else leave();
    return;
  }
  if (isTyping(event.target)) return;
  if (going && Date.now() - going < 1500 && "io".includes(event.key)) leave();
  going = event.key === "g" ? Date.now() : 0;
}

// The zone this browser is in, told once, so that the server writes the reader's own times.
function tellZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || zone === document.body.dataset.zone) return;
  ask("/desk/looks", { method: "POST", body: new URLSearchParams({ zone, csrf: document.body.dataset.formToken }) }).catch(() => {});
}

// One question at a time.
document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.("details.asks[open]")) return;
  for (const other of findAll("details.asks[open]")) if (other !== event.target) other.open = false;
  find("input:not([type=hidden]), select, button", event.target)?.focus();
}, true);
document.addEventListener("keydown", onKey);
keepTimes();
keepAttendance({ streams: false });
tellZone();
lookAgain();
find("[aria-invalid]")?.focus();
document.documentElement.dataset.ready = "true";

/* What is at work says how far it is; once it is done, the page is drawn anew. */
function lookAgain() {
  const shown = find("[data-again]");
  if (!shown) return;
  window.setTimeout(async () => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const drawn = build(await answer.text()).getElementById(shown.id);
      if (!drawn?.matches("[data-again]")) location.reload();
      else shown.replaceChildren(...drawn.childNodes);
    } catch { /* away: the next look may find it */ }
    lookAgain();
  }, Number(shown.dataset.again));
}
