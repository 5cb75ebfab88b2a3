// What is being written is on the server a moment later, and in this browser at once: neither a lost connection nor
// an ended session nor a closed window loses a word.
import { showAnswered } from "./answering.js";
import { ask, build, desk, find, findAll, openedId } from "./dom.js";
import { check } from "./limits.js";
import { showPeople } from "./recipients.js";
import { say } from "./say.js";
import { words } from "./words.js";

const LOCAL_AFTER = 250, SERVER_AFTER = 1200, AGAIN_AFTER = 8000, LEFT_AFTER = 60_000; // ms
const KEPT = ["text", "to", "cc", "bcc", "subject", "about", "answers", "channel"];
const states = new WeakMap();

const boxOf = (form) => find("[data-box]", form);
const idOf = (form) => form.closest("[data-conversation]")?.dataset.conversation ?? null;
const keyOf = (form) => `draft:${form.closest("[data-agent]")?.dataset.agent}:${idOf(form)}:${form.dataset.composer}`;
const urlOf = (form) => `/desk/conversations/${idOf(form)}/drafts/${form.dataset.composer}`;
const filesOf = (form) => findAll('[data-attached] [name="file"]', form).map((each) => each.value);
export const isEmpty = (form) => !form.elements.text.value.trim() && !filesOf(form).length;
const now = (form) => JSON.stringify([KEPT.map((name) => form.elements[name]?.value ?? ""), filesOf(form)]);

function stateOf(form) {
  if (!states.has(form)) states.set(form, { version: Number(boxOf(form)?.dataset.version || 0), saved: now(form), sent: null, saving: null, clash: null, timer: 0, local: 0, stopped: false });
  return states.get(form);
}

function body(form, more = {}) {
  const given = new URLSearchParams({ csrf: document.body.dataset.formToken, version: String(stateOf(form).version), ...more });
  for (const name of KEPT) if (form.elements[name]) given.set(name, form.elements[name].value);
  for (const each of filesOf(form)) given.append("file", each);
  return given;
}

// Something was typed, attached or removed.
export function changed(form) {
  if (!boxOf(form)) return;
  check(form);
  if (!idOf(form)) return;
  const state = stateOf(form);
  if (state.stopped) return;
  clearTimeout(state.local);
  clearTimeout(state.timer);
  state.local = setTimeout(() => keepHere(form), LOCAL_AFTER);
  state.timer = setTimeout(() => save(form), SERVER_AFTER);
}

function keepHere(form) {
  const state = stateOf(form);
  if (now(form) === state.saved) return localStorage.removeItem(keyOf(form));
  try {
    localStorage.setItem(keyOf(form), JSON.stringify({ version: state.version, at: Date.now(), text: form.elements.text.value, given: now(form) }));
  } catch {
    // No room left: the server has it in a moment.
  }
}

async function save(form, { leaving = false } = {}) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  if (state.stopped || state.clash || now(form) === state.saved) return;
  if (state.saving) return void state.saving.then(() => save(form));
  const key = keyOf(form), sent = (state.sent = now(form));
  state.saving = (async () => {
    try {
      const answer = await ask(urlOf(form), { method: "POST", body: body(form), keepalive: leaving });
      if (answer.ok) {
        const told = await answer.json();
        state.version = told.version;
        state.saved = sent;
        if (now(form) === sent || leaving) localStorage.removeItem(key);
        show(form, isEmpty(form) ? "" : "kept");
      } else if (answer.status === 409) {
        clash(form, await answer.json());
      } else {
        show(form, answer.status === 401 ? "keptSignedOut" : "keptHere");
        if (answer.status >= 500) state.timer = setTimeout(() => save(form), AGAIN_AFTER);
      }
    } catch {
      show(form, "keptHere");
      state.timer = setTimeout(() => save(form), AGAIN_AFTER);
    } finally {
      state.saving = null;
    }
  })();
  await state.saving;
}

function show(form, what) {
  const button = find("[data-draft]", form);
  if (!button) return;
  button.hidden = !what;
  const shared = boxOf(form).dataset.shared === "true";
  find("[data-kept]", button).textContent = words(what === "kept" && shared ? "keptShared" : what || "kept");
}

// The same draft, changed in another window of the same agent.
function clash(form, newest) {
  const state = stateOf(form);
  if (!now(form).localeCompare(state.saved)) return fill(form, newest);
  if (newest.text === form.elements.text.value || newest.text === JSON.parse(state.sent ?? "[[]]")[0][0]) {
    state.version = newest.version;
    return void changed(form);
  }
  state.clash = newest;
  const place = find("[data-clash]", form);
  place.replaceChildren(document.createTextNode(words(newest.version ? "clash" : "clashGone")), choice(words(newest.version ? "takeOther" : "discard"), () => { fill(form, newest); unclash(form); }), choice(words("keepMine"), () => { state.version = newest.version; unclash(form); save(form); }));
  place.hidden = false;
}

function choice(title, run) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small";
  button.textContent = title;
  button.addEventListener("click", run);
  return button;
}

function unclash(form) {
  stateOf(form).clash = null;
  find("[data-clash]", form).hidden = true;
  form.elements.text.focus();
}

function fill(form, told) {
  const state = stateOf(form);
  for (const name of KEPT) if (form.elements[name] && told[name] !== undefined && name !== "about") form.elements[name].value = told[name];
  if (told.files !== undefined) find("[data-attached]", form).replaceChildren(build(told.files));
  if (told.shared !== undefined) boxOf(form).dataset.shared = String(told.shared);
  state.version = told.version;
  state.saved = now(form);
  localStorage.removeItem(keyOf(form));
  show(form, isEmpty(form) ? "" : "kept");
  showPeople(form);
  showAnswered(form);
  check(form);
}

// Called before a conversation leaves the screen.
export function keepDrafts(forms = findAll("[data-composer]")) {
  return Promise.all(forms.filter((form) => idOf(form) && !stateOf(form).stopped).map((form) => {
    keepHere(form);
    return save(form, { leaving: true });
  }));
}

// What this browser still has that the server had not got.
export function restoreDrafts() {
  for (const form of findAll("[data-composer]")) restoreDraft(form);
}

export function restoreDraft(form) {
  const state = stateOf(form);
  check(form);
  showAnswered(form);
  if (!idOf(form) || state.stopped) return;
  const kept = JSON.parse(localStorage.getItem(keyOf(form)) ?? "null");
  if (state.saved === null) return changed(form);
  if (!kept || kept.text === form.elements.text.value) return localStorage.removeItem(keyOf(form));
  const there = { version: state.version, text: form.elements.text.value };
  form.elements.text.value = kept.text;
  check(form);
  show(form, "keptHere");
  if (kept.version === there.version) save(form);
  else clash(form, there);
}

// What was left behind by windows that are closed, also in a conversation that is part of another one by now.
async function sendLeftovers() {
  const agent = find("[data-agent]")?.dataset.agent, asked = location.pathname.split("/").at(-1);
  for (const key of Object.keys(localStorage).filter((each) => each.startsWith(`draft:${agent}:`))) {
    const [, , id, kind] = key.split(":"), kept = JSON.parse(localStorage.getItem(key));
    if (id === openedId() || (id !== asked && Date.now() - kept.at < LEFT_AFTER)) continue;
    const [values, files] = JSON.parse(kept.given), given = new URLSearchParams({ csrf: document.body.dataset.formToken, version: kept.version });
    KEPT.forEach((name, at) => { if (values[at]) given.set(name, values[at]); });
    for (const each of files) given.append("file", each);
    const answer = await ask(`/desk/conversations/${id}/drafts/${kind}`, { method: "POST", body: given }).catch(() => null);
    if (answer?.ok || answer?.status === 404) localStorage.removeItem(key);
    else if (answer?.status === 409 && id === asked && openedId()) {
      localStorage.setItem(`draft:${agent}:${openedId()}:${kind}`, localStorage.getItem(key));
      localStorage.removeItem(key);
      restoreDrafts();
    }
  }
}

// Nothing is saved any more while it is being sent; `false` when it was not.
export async function stop(form, stopped = true) {
  const state = stateOf(form);
  state.stopped = stopped;
  clearTimeout(state.timer);
  clearTimeout(state.local);
  if (stopped) { keepHere(form); await state.saving; }
}

// What a refused submit brought back is not on the server.
export const unsaved = (form) => { stateOf(form).saved = null; };

export const forget = (form) => localStorage.removeItem(keyOf(form));

async function discard(form) {
  const was = { text: form.elements.text.value, files: find("[data-attached]", form).innerHTML };
  const people = Object.fromEntries(KEPT.map((name) => [name, form.elements[name]?.value]));
  await stop(form);
  const answer = await ask(urlOf(form), { method: "POST", body: body(form, { _method: "delete" }) }).catch(() => null);
  await stop(form, false);
  if (!answer?.ok) return say(words("offline"));
  fill(form, { text: "", files: "", version: 0, shared: false });
  form.elements.text.focus();
  return async () => {
    fill(form, { ...people, ...was, version: 0 });
    stateOf(form).saved = null;
    await save(form);
    form.elements.text.focus();
  };
}

async function share(form, button) {
  await save(form);
  const on = boxOf(form).dataset.shared !== "true";
  const answer = await ask(`${urlOf(form)}/shared`, { method: "POST", body: body(form, on ? {} : { _method: "delete" }) }).catch(() => null);
  if (!answer?.ok) return say(words("failed"));
  const told = await answer.json();
  stateOf(form).version = told.version;
  boxOf(form).dataset.shared = String(on);
  button.setAttribute("aria-pressed", String(on));
  find("span", button).textContent = words(on ? "shareNoMore" : "share");
  show(form, "kept");
  button.closest("[popover]").hidePopover();
  say(words(on ? "sharedNow" : "sharedNoMore"));
}

// Live: another window saved, somebody took it over, somebody shares one.
export async function putDrafts(part) {
  const focused = document.activeElement?.closest?.("#drafts");
  if (!focused) find("#drafts")?.replaceChildren(build(part.html));
  for (const form of findAll("[data-composer]")) {
    const state = stateOf(form), there = part.versions[form.dataset.composer] ?? 0;
    if (!idOf(form) || state.saving || state.stopped || there === state.version) continue;
    if (now(form) !== state.saved) continue; // the next save tells
    const answer = await ask(urlOf(form)).catch(() => null);
    if (answer?.ok && now(form) === state.saved && !state.saving && !state.stopped) fill(form, await answer.json());
  }
}

// "Draft" in the list, wherever one has something unsent.
let drafted = new Set(JSON.parse(find("#drafted")?.textContent || "[]"));
export function putDrafted(ids) {
  drafted = new Set(ids);
  markRows();
}

function markRows() {
  for (const row of findAll("#rows > li")) {
    const mark = find(".drafted", row), wanted = drafted.has(row.dataset.id);
    if (wanted === Boolean(mark)) continue;
    if (mark) { mark.remove(); continue; }
    const chip = document.createElement("span");
    chip.className = "chip drafted";
    chip.textContent = words("draft");
    (find(".top time", row) ?? find("a", row)).before(chip);
  }
}

export function keepDrafting(remember) {
  document.addEventListener("input", (event) => { const form = event.target.closest?.("[data-composer]"); if (form) changed(form); });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-discard], [data-share]"), form = button?.closest("[data-composer]");
    if (!form) return;
    if ("share" in button.dataset) return share(form, button);
    button.closest("[popover]").hidePopover();
    const back = await discard(form);
    if (back) remember(back, words("discarded"));
  });
  addEventListener("online", () => { for (const form of findAll("[data-composer]")) if (idOf(form)) save(form); });
  addEventListener("pagehide", () => {
    for (const form of findAll("[data-composer]")) {
      const state = idOf(form) && stateOf(form);
      if (!state || state.stopped || state.clash || now(form) === state.saved) continue;
      keepHere(form);
      state.sent = now(form);
      navigator.sendBeacon(urlOf(form), body(form));
    }
  });
  const list = find("#rows");
  if (list) new MutationObserver(markRows).observe(list, { childList: true });
  markRows();
  if (desk() && openedId()) restoreDrafts();
  sendLeftovers();
}
