// Writing: sent without leaving the page, never lost, never sent twice.
import { ask, build, desk, find, findAll, openedId } from "./dom.js";
import { follower } from "./list.js";
import { openTalk, putTalk } from "./talk.js";
import { say } from "./say.js";
import { words } from "./words.js";

const SEEN_AFTER = 1500; // a message counts as read once it has been in sight for so long
const draftKey = (id, kind) => `draft:${id}:${kind}`;

export function keepDraft() {
  const id = openedId();
  if (!id) return;
  for (const form of findAll("[data-composer]")) {
    const text = form.elements.text.value;
    const key = draftKey(id, form.dataset.composer);
    if (text.trim()) sessionStorage.setItem(key, text);
    else sessionStorage.removeItem(key);
  }
}

export function restoreDraft() {
  const id = openedId();
  for (const form of findAll("[data-composer]")) {
    const kept = sessionStorage.getItem(draftKey(id, form.dataset.composer));
    if (kept && !form.elements.text.value) form.elements.text.value = kept;
    count(form);
  }
  watchSeen();
}

export function setMode(mode) {
  const radio = find(`#composer input[name="mode"][value="${mode}"]`);
  if (radio) radio.checked = true;
  find(`[data-composer="${mode}"] textarea`)?.focus();
}

function count(form) {
  const longest = Number(form.dataset.longest || 0), place = find(".count", form);
  if (!place || !longest) return;
  const left = longest - [...form.elements.text.value].length;
  place.value = left < longest * 0.2 && left < 2000 ? words(left < 0 ? "over" : "left", { count: String(Math.abs(left)) }) : "";
  place.classList.toggle("over", left < 0);
}

// What was on the screen is what its writer has seen: anything newer holds the answer back.
let watcher = null;
function watchSeen() {
  watcher?.disconnect();
  const seen = find('[data-composer="reply"] [name="seen"]');
  if (!seen) return;
  const timers = new Map();
  watcher = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) {
      clearTimeout(timers.get(target));
      if (isIntersecting) timers.set(target, setTimeout(() => { if (document.visibilityState === "visible") seen.value = target.dataset.id; }, SEEN_AFTER));
    }
  }, { root: find(".sheet"), threshold: 0.1 });
  observeLast();
}

export function observeLast() {
  const last = findAll("#timeline > :is(.theirs, .ours):not(.gone)").at(-1);
  if (last) watcher?.observe(last);
}

async function submit(form, submitter) {
  const button = find("[data-send]", form);
  if (button.disabled || form.dataset.busy) return;
  form.dataset.busy = "1";
  button.setAttribute("aria-busy", "true");
  const id = openedId(), kind = form.dataset.composer;
  const data = new URLSearchParams(new FormData(form));
  if (submitter?.name) data.set(submitter.name, submitter.value);
  try {
    const answer = await ask(form.action, { method: "POST", body: data });
    const html = await answer.text();
    if (answer.ok) {
      sessionStorage.removeItem(draftKey(id, kind));
      form.elements.text.value = "";
      if (id === openedId()) {
        putTalk(html);
        setMode(kind);
      }
      offerTakingBack(answer, id);
    } else if (answer.status === 401) {
      keepDraft();
      location.reload();
    } else if (answer.status === 409 || answer.status === 422) {
      const fresh = find("#composer", build(html));
      find("#composer").replaceWith(fresh);
      setMode(kind);
      document.dispatchEvent(new CustomEvent("held"));
    } else {
      say(words("failed"));
    }
  } catch {
    say(words("offline"));
  } finally {
    delete form.dataset.busy;
    button.removeAttribute("aria-busy");
  }
}

// For some seconds an answer can be taken back: it becomes a draft again.
function offerTakingBack(answer, id) {
  const [delivery, seconds] = (answer.headers.get("X-Take-Back") || "").split(" ");
  const said = decodeURIComponent(answer.headers.get("X-Say") || "");
  if (!delivery) return say(said);
  remember(async () => {
    const body = new URLSearchParams({ _method: "delete", csrf: document.body.dataset.formToken, view: desk().dataset.view });
    const back = await ask(`/desk/deliveries/${delivery}`, { method: "POST", body });
    if (!back.ok) return say((await back.text()).slice(0, 200));
    const html = await back.text();
    if (id !== openedId()) await openTalk(id);
    putTalk(html);
    setMode("reply");
  }, Number(seconds) * 1000);
  say(said, { title: words("undo"), run: undoLast, lasts: Number(seconds) * 1000 });
}

// What z takes back: the last deed, while it can be.
let lastUndo = null;
function remember(run, lasts) {
  lastUndo = run;
  if (lasts) setTimeout(() => { if (lastUndo === run) lastUndo = null; }, lasts);
}

export async function undoLast() {
  const run = lastUndo;
  lastUndo = null;
  if (!run) return say(words("nothingToUndo"));
  try {
    await run();
  } catch {
    say(words("offline"));
  }
}

// Small forms in the head, below messages and beside the customer: done in place.
async function quick(form, submitter) {
  const data = new URLSearchParams(new FormData(form));
  if (submitter?.name) data.set(submitter.name, submitter.value);
  const id = openedId(), leaves = "leaves" in form.dataset, next = leaves && follower(id);
  try {
    const answer = await ask(form.action, { method: "POST", body: data });
    if (answer.status === 401) return location.reload();
    if (!answer.ok) return say((await answer.text()).slice(0, 200) || words("failed"));
    form.closest("[popover]")?.hidePopover();
    const html = await answer.text();
    if (leaves && next) await openTalk(next, { focus: true });
    else if (id === openedId()) putTalk(html, { keepComposer: !("takesBack" in form.dataset) });
    if (document.activeElement === document.body) find("#talk").focus({ preventScroll: true });
    const token = answer.headers.get("X-Undo"), said = decodeURIComponent(answer.headers.get("X-Say") || "");
    if (token) remember(() => undo(token, id));
    if (said) say(said, token ? { title: words("undo"), run: undoLast } : null);
  } catch {
    say(words("offline"));
  }
}

async function undo(token, conversation) {
  const body = new URLSearchParams({ token, conversation, csrf: document.body.dataset.formToken, view: desk().dataset.view });
  const answer = await ask("/desk/undo", { method: "POST", body });
  if (!answer.ok) return say((await answer.text()).slice(0, 200));
  const html = await answer.text();
  if (conversation !== openedId()) await openTalk(conversation, { focus: true });
  else putTalk(html, { keepComposer: true });
  say(decodeURIComponent(answer.headers.get("X-Say") || ""));
}

export function keepComposer() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-composer]")) submit(form, event.submitter);
    else if (form.matches("[data-quick]")) quick(form, event.submitter);
    else return;
    event.preventDefault();
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("[data-composer]");
    if (form) count(form);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches?.('#composer input[name="mode"]')) find(`[data-composer="${event.target.value}"] textarea`)?.focus();
  });
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("[data-composer]");
    if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(find("[data-send]", form));
    }
  });
  addEventListener("pagehide", keepDraft);
}
