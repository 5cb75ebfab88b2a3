// Writing: sent without leaving the page, never lost, never sent twice.
import { answerNewest, answerOne } from "./answering.js";
import { failedIn, settled, waitingIn } from "./attaching.js";
import { ask, build, desk, find, findAll, openedId } from "./dom.js";
import { changed, forget, isEmpty, keepDrafting, keepDrafts, restoreDrafts, stop, unsaved } from "./drafts.js";
import { follower } from "./list.js";
import { showPeople } from "./recipients.js";
import { openTalk, putTalk } from "./talk.js";
import { quiet, say } from "./say.js";
import { words } from "./words.js";

const SEEN_AFTER = 1500; // a message counts as read once it has been in sight for so long

export const keepDraft = keepDrafts;

export function restoreDraft() {
  for (const form of findAll("[data-composer]")) showPeople(form);
  restoreDrafts();
  watchSeen();
}

export function setMode(mode) {
  const radio = find(`#composer input[name="mode"][value="${mode}"]`);
  if (radio) radio.checked = true;
  if (!find("#head .menu:popover-open")) find(`#composer [data-composer="${mode}"] textarea`)?.focus();
}

// What was on the screen is what its writer has seen: anything newer holds the answer back.
let watcher = null;
export function watchSeen() {
  watcher?.disconnect();
  const timers = new Map();
  watcher = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) {
      clearTimeout(timers.get(target));
      if (isIntersecting) timers.set(target, setTimeout(() => hasSeen(target), SEEN_AFTER));
    }
  }, { root: find(".sheet"), threshold: 0.1 });
  observeLast();
}

// Never back to an earlier one: the composer may have told of a later one, and does so where it held an answer.
function hasSeen(message) {
  const field = find('[data-composer="reply"] [name="seen"]');
  if (!field || document.visibilityState !== "visible") return;
  const before = find(`#timeline > [data-id="${CSS.escape(field.value)}"]`);
  const later = before
    ? before.compareDocumentPosition(message) & Node.DOCUMENT_POSITION_FOLLOWING
    : !find('[data-composer="reply"] [data-asks="held"]');
  if (later) field.value = message.dataset.id;
}

export function observeLast() {
  const last = findAll("#timeline > :is(.theirs, .ours):not(.gone)").at(-1);
  if (last) watcher?.observe(last);
}

const submit = (form, submitter) => (doing = sendOnce(form, submitter));
const quick = (form, submitter) => (doing = doQuick(form, submitter));

async function sendOnce(form, submitter) {
  if (find("[data-send]", form).disabled || form.dataset.busy) return;
  form.dataset.busy = "1";
  const button = submitter ?? find("[data-send]", form);
  button.setAttribute("aria-busy", "true");
  form.closest("[popover], form")?.querySelector("[popover]:popover-open")?.hidePopover();
  try {
    if (await filesAreThere(form)) await send(form, submitter);
  } catch {
    say(words("offline"));
  } finally {
    await stop(form, false);
    delete form.dataset.busy;
    button.removeAttribute("aria-busy");
  }
}

// Nothing leaves without a file that its writer attached.
export async function filesAreThere(form) {
  if (waitingIn(form).length) {
    say(words("waitsForFiles"));
    await settled(form);
  }
  const [row] = failedIn(form);
  if (!row) return true;
  say(words("notWithout", { name: find(".file-name", row).textContent }));
  find("[data-again]", row).focus();
  return false;
}

async function send(form, submitter) {
  const id = openedId(), kind = form.dataset.composer;
  await stop(form);
  const data = new FormData(form);
  data.delete("upload");
  if (submitter?.name) data.set(submitter.name, submitter.value);
  const answer = await ask(form.action, { method: "POST", body: new URLSearchParams(data) });
  const html = await answer.text();
  if (answer.ok) {
    forget(form);
    const next = data.get("then") && desk().dataset.view !== "resolved" ? follower(id) : null;
    if (id !== openedId()) form.remove();
    else if (next) { putTalk(html); await openTalk(next, { focus: true }); }
    else {
      const now = find('#composer input[name="mode"]:checked')?.value ?? kind;
      const goneOn = now !== kind; // whoever has begun something else meanwhile stays with it
      const keep = findAll("[data-composer]").filter((each) => each !== form && !isEmpty(each));
      putTalk(html, { keep });
      setMode(goneOn ? now : kind === "note" ? "note" : "reply");
    }
    offerTakingBack(answer, id);
  } else if (answer.status === 401) {
    say(words("keptSignedOut"));
    location.reload();
  } else if ((answer.status === 409 || answer.status === 422) && form.isConnected) {
    asked(html, kind);
  } else {
    say(words(answer.status === 404 ? "gone" : "failed"));
  }
}

// The composer again, with what has to be decided first.
function asked(html, kind) {
  const fresh = find("#composer", build(html)), old = find("#composer");
  const others = findAll("[data-composer]", old).filter((form) => form.dataset.composer !== kind);
  for (const form of others) find(`[data-composer="${form.dataset.composer}"]`, fresh)?.replaceWith(form);
  old.replaceWith(fresh);
  unsaved(find(`[data-composer="${kind}"]`, fresh));
  restoreDraft();
  const keep = find("[data-keep-editing]", fresh);
  if (keep) keep.focus();
  else setMode(kind);
}

function keepEditing(button) {
  const form = button.closest("form");
  find("[data-asks]", form).remove();
  form.elements.text.focus();
}

// For some seconds an answer can be taken back: it becomes a draft again.
function offerTakingBack(answer, id) {
  const [delivery, seconds] = (answer.headers.get("X-Take-Back") || "").split(" ");
  const said = decodeURIComponent(answer.headers.get("X-Say") || ""), token = answer.headers.get("X-Undo");
  if (!delivery) {
    if (token) remember(() => undo(token, id));
    return say(said, token ? { title: words("undo"), run: undoLast } : null);
  }
  const lasts = Number(seconds) * 1000;
  remember(async () => {
    quiet();
    const body = new URLSearchParams({ _method: "delete", csrf: document.body.dataset.formToken, view: desk().dataset.view });
    const back = await ask(`/desk/deliveries/${delivery}`, { method: "POST", body });
    if (!back.ok) return say((await back.text()).slice(0, 200));
    if (token) await undo(token, id); // what was done with it comes back as well
    if (id !== openedId()) await openTalk(id);
    putTalk(await back.text());
    setMode(find('#composer input[name="mode"]:checked')?.value ?? "reply");
    say(words("takenBack"));
  }, lasts);
  say(said, { title: words("undo"), run: undoLast, lasts, counts: true });
}

// What z takes back: the last deed, while it can be.
let lastUndo = null, doing = null;
export function remember(run, lasts) {
  lastUndo = run;
  if (lasts) setTimeout(() => { if (lastUndo === run) lastUndo = null; }, lasts);
}

export async function undoLast() {
  await doing; // its answer tells how it is taken back
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
async function doQuick(form, submitter) {
  const data = new URLSearchParams(new FormData(form));
  if (submitter?.name) data.set(submitter.name, submitter.value);
  const id = openedId(), leaves = "leaves" in form.dataset, next = leaves && follower(id);
  form.closest("[popover]")?.hidePopover(); // at once: while it is open, keys are the menu's
  try {
    const answer = await ask(form.action, { method: "POST", body: data });
    if (answer.status === 401) return location.reload();
    if (!answer.ok) return say((await answer.text()).slice(0, 200) || words("failed"));
    const html = await answer.text();
    if (leaves && next) await openTalk(next, { focus: true });
    else if (id === openedId()) putTalk(html, { keepComposer: !("takesBack" in form.dataset) });
    if (document.activeElement === document.body) find("#talk").focus({ preventScroll: true });
    offerUndo(answer, id);
  } catch {
    say(words("offline"));
  }
}

// Says what was done, and offers to take it back where the answer tells how.
export function offerUndo(answer, conversation) {
  const token = answer.headers.get("X-Undo"), said = decodeURIComponent(answer.headers.get("X-Say") || "");
  if (token) remember(() => undo(token, conversation));
  if (said) say(said, token ? { title: words("undo"), run: undoLast } : null);
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

function onKey(event) {
  const form = event.target.closest?.("[data-composer]");
  if (!form || event.defaultPrevented || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  const resolving = event.shiftKey && find('[name="then"][value="resolve"]', form);
  form.requestSubmit(find("[data-confirm]", form) && !resolving ? find("[data-confirm]", form) : resolving || find("[data-send]", form));
}

function onClick(event) {
  const keep = event.target.closest?.("[data-keep-editing]"), grow = event.target.closest?.("[data-grow]");
  const looks = event.target.closest?.("[data-looks]");
  if (keep) keepEditing(keep);
  if (grow) grow.setAttribute("aria-pressed", String(find("#composer").classList.toggle("grown")));
  if (looks) {
    const form = looks.closest("form"), frame = find("[data-look]", form);
    frame.hidden = !frame.hidden;
    looks.setAttribute("aria-pressed", String(!frame.hidden));
    if (!frame.hidden) form.requestSubmit(find("[data-look-submit]", form));
  }
  const choice = event.target.closest?.("[data-choice]");
  if (choice) {
    const area = find("textarea", choice.closest("form"));
    area.value = `${area.value.trimEnd()}\n[[]]`;
    area.focus();
    area.setSelectionRange(area.value.length - 2, area.value.length - 2);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const one = event.target.closest?.("[data-answer]"), newest = event.target.closest?.("[data-answers-off]");
  if (one) answerOne(one.dataset.answer);
  if (newest) answerNewest(newest.closest("form"));
  if (one || newest) changed(find('[data-composer="reply"]'));
  const forward = event.target.closest?.("[data-forward]");
  if (forward) openForward(forward.dataset.forward);
}

// The answer goes elsewhere: the composer as it is for that place, with what was written.
async function switchPlace(form, button) {
  button.closest("[popover]")?.hidePopover();
  await stop(form, false);
  const data = new FormData(form);
  data.delete("upload");
  data.set(button.name, button.value);
  const answer = await ask(button.formAction, { method: "POST", body: new URLSearchParams(data) }).catch(() => null);
  if (answer?.status === 401) return location.reload();
  if (!answer?.ok || !form.isConnected) return say(words(answer ? "failed" : "offline"));
  asked(await answer.text(), "reply");
  find('#composer [popovertarget="places-menu"]')?.focus();
}

// Another message than the newest is to be forwarded.
async function openForward(about) {
  const form = find('#composer [data-composer="forward"]');
  if (form && form.elements.about.value !== about) {
    keepDraft();
    const answer = await ask(`${location.pathname}?about=${encodeURIComponent(about)}`).catch(() => null);
    if (!answer?.ok) return say(words("failed"));
    asked(await answer.text(), "forward");
  }
  setMode("forward");
}

export function keepComposer() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.submitter && "lookSubmit" in event.submitter.dataset) return;
    if (event.submitter && "through" in event.submitter.dataset) {
      event.preventDefault();
      switchPlace(form, event.submitter);
      return;
    }
    if (form.matches("#composer [data-composer]")) submit(form, event.submitter);
    else if (form.matches("[data-quick]")) quick(form, event.submitter);
    else return;
    event.preventDefault();
  });
  document.addEventListener("click", onClick);
  document.addEventListener("change", (event) => {
    if (event.target.matches?.('#composer input[name="mode"]')) find(`#composer [data-composer="${event.target.value}"] textarea`)?.focus();
  });
  document.addEventListener("keydown", onKey);
  keepDrafting((back, said) => {
    remember(back);
    say(said, { title: words("undo"), run: undoLast });
  });
}
