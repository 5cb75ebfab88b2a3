// The left pane: its sections stay open or closed, its lists follow what is saved, and forms open beside the list.
import { ask, build, desk, find, findAll } from "./dom.js";

export async function refreshPlaces() {
  const answer = await ask(`/desk/navigation?view=${encodeURIComponent(desk().dataset.view)}`);
  if (!answer.ok) return;
  const places = find("#places"), key = document.activeElement?.closest?.("#places [data-key]")?.dataset.key;
  const current = find("[aria-current]", places)?.dataset.key;
  places.replaceChildren(build(await answer.text()));
  for (const each of findAll("[aria-current]", places)) if (each.dataset.key !== current) each.removeAttribute("aria-current");
  find(`[data-key="${CSS.escape(current ?? "")}"]`, places)?.setAttribute("aria-current", "page");
  if (key) find(`[data-key="${CSS.escape(key)}"]`, places)?.focus({ preventScroll: true });
}

async function openPanel(href) {
  const answer = await ask(href);
  if (!answer.ok) return location.assign(href);
  const part = find("#panel-part", build(await answer.text())), dialog = find("#panel");
  if (!part) return location.assign(href);
  find("[data-part]", dialog).replaceChildren(part);
  dialog.showModal();
  find("[autofocus], select, input:not([type=hidden])", part)?.focus();
}

export function keepPlaces() {
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.("details[data-section]")) return;
    const folded = findAll("details[data-section]:not([open])").map((each) => each.dataset.section).join(" ");
    ask("/desk/looks", { method: "POST", body: new URLSearchParams({ folded, csrf: document.body.dataset.formToken }) }).catch(() => {});
  }, true);
  document.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    if (event.target.closest?.("[data-closes]")) event.target.closest("dialog").close();
    const link = event.target.closest?.("a[data-panel]");
    if (!link) return;
    event.preventDefault();
    openPanel(link.href);
  });
  // A saved form answers with the list itself; a refused one says why, in place.
  find("#panel")?.addEventListener("submit", async (event) => {
    if (event.target.method !== "post") return;
    event.preventDefault();
    const answer = await ask(event.target.action, { method: "POST", body: new URLSearchParams(new FormData(event.target)) });
    if (answer.ok) return location.assign(answer.url);
    const part = find("#panel-part", build(await answer.text()));
    if (part) find("#panel [data-part]").replaceChildren(part);
  });
}
