// Merging, splitting, deleting, writing first: a page of its own, shown as a dialog over the conversation.
import { ask, build, desk, find, findAll, openedId, replace } from "./dom.js";
import { filesAreThere, offerUndo } from "./composer.js";
import { changed, forget, keepDrafts, restoreDraft, stop, unsaved } from "./drafts.js";
import { putRow } from "./list.js";
import { closeTalk, openTalk, refreshTalk } from "./talk.js";
import { say } from "./say.js";
import { words } from "./words.js";

const ASK_AFTER = 200; // ms without a key
let asking = 0, opener = null, leaving = null;
const dialog = () => find("#task");
const composers = () => findAll("[data-composer]", dialog());

export async function openTask(url) {
  await leaving; // what was begun here before is asked for again
  if (dialog().open) return;
  opener = document.activeElement;
  if (await load(url)) dialog().showModal();
  find("[autofocus]", dialog())?.focus();
}

async function load(url) {
  const answer = await ask(url).catch(() => null);
  if (answer?.status === 401) return location.reload();
  if (!answer?.ok) return say(words(answer?.status === 404 ? "gone" : answer ? "failed" : "offline"));
  put(await answer.text());
  return true;
}

function put(html) {
  const place = find(".task-body", dialog()), fresh = find(".task-body", build(html));
  if (place) replace(place, fresh);
  else find(".task-place", dialog()).append(fresh);
  for (const form of composers()) restoreDraft(form);
}

async function submit(form, submitter) {
  if (form.method === "get") return load(`${form.action}?${new URLSearchParams(new FormData(form))}`);
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  const before = openedId();
  let sent = false;
  try {
    if (form.dataset.composer && !(await filesAreThere(form))) return;
    if (form.dataset.composer) await stop(form);
    const body = new URLSearchParams(new FormData(form));
    if (submitter?.name) body.set(submitter.name, submitter.value);
    const answer = await ask(form.action, { method: "POST", body });
    if (answer.status === 401) return location.reload();
    if (answer.status === 409 || answer.status === 422) { put(await answer.text()); return composers().forEach(unsaved); }
    if (answer.headers.has("X-Further")) { put(await answer.text()); find("[autofocus]", dialog())?.focus(); return void refreshTalk(); }
    if (!answer.ok) return say(words(answer.status === 404 ? "gone" : answer.status === 403 ? "stale" : "failed"));
    if (form.dataset.composer) forget(form);
    sent = true;
    dialog().close();
    await onwards(answer, before);
  } catch {
    say(words("offline"));
  } finally {
    delete form.dataset.busy;
    if (form.dataset.composer && !sent) stop(form, false);
  }
}

async function onwards(answer, before) {
  const id = answer.headers.get("X-Open");
  if (!id) {
    putRow(before, null);
    closeTalk();
  } else if (id === openedId()) await refreshTalk();
  else await openTalk(id, { focus: true });
  offerUndo(answer, before);
}

function suggest(field) {
  clearTimeout(asking);
  asking = setTimeout(async () => {
    const query = new URLSearchParams({ q: field.value, channel: field.form.elements.channel.value });
    const answer = await ask(`/desk/people?${query}`).catch(() => null);
    if (answer?.ok) find("#people-found")?.replaceChildren(build(await answer.text()));
  }, ASK_AFTER);
}

export function keepTasks() {
  const place = dialog();
  if (!place) return;
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-task]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    link.closest("[popover]")?.hidePopover();
    openTask(`${link.pathname}?${new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(link.search)), view: desk().dataset.view })}`);
  });
  place.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-task]")) return;
    event.preventDefault();
    event.stopPropagation();
    submit(event.target, event.submitter);
  });
  place.addEventListener("input", ({ target }) => {
    if (target.matches("[data-people]")) suggest(target);
    if (!target.matches("[data-search-task]")) return;
    clearTimeout(asking);
    asking = setTimeout(() => target.form.requestSubmit(), ASK_AFTER);
  });
  place.addEventListener("change", ({ target }) => {
    if (target.matches("[data-channel]")) changed(target.form);
    if (target.matches("[data-channel]")) find("[data-subject-field]", place).hidden = target.selectedOptions[0].dataset.subject !== "yes";
  });
  place.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("form[data-composer]");
    if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); }
  });
  place.addEventListener("close", () => {
    leaving = keepDrafts(composers());
    find(".task-body", place)?.remove();
    if (opener?.isConnected) opener.focus({ preventScroll: true });
  });
}
