// Tells the others that one is here, or writing, and shows who else is.
import { ask, build, find, openedId } from "./dom.js";

const RENEW = 20_000, WRITING_AGAIN = 8_000;
let at = null, wrote = 0, timer = 0, kind = "reply"; // to the customer, or a note among ourselves

const form = (values) => new URLSearchParams({ csrf: document.body.dataset.formToken, ...values });
const url = (id) => `/desk/conversations/${id}/presence`;

async function renew(doing) {
  const id = openedId();
  if (!id || document.visibilityState !== "visible") return;
  const answer = await ask(url(id), { method: "POST", body: form({ doing, kind }) }).catch(() => null);
  if (answer?.ok && id === openedId()) putPresence(await answer.text());
}

export function putPresence(html) {
  find("#presence")?.replaceChildren(build(html));
}

function go(id) {
  if (id) navigator.sendBeacon(url(id), form({ _method: "delete" }));
}

function moved() {
  if (at !== openedId()) go(at);
  at = openedId();
  clearInterval(timer);
  renew("viewing");
  timer = setInterval(() => renew(Date.now() - wrote < WRITING_AGAIN ? "writing" : "viewing"), RENEW);
}

export function keepPresence() {
  moved();
  document.addEventListener("talk-shown", moved);
  document.addEventListener("input", (event) => {
    const composer = event.target.closest?.("[data-composer]");
    if (!composer || Date.now() - wrote < WRITING_AGAIN) return;
    kind = composer.dataset.composer === "reply" ? "reply" : "note";
    wrote = Date.now();
    renew("writing");
  });
  addEventListener("pagehide", () => go(at));
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") renew("viewing"); });
}
