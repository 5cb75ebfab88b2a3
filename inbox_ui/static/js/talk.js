// The conversation: opened without leaving the page, entries put in place, the newest in sight.
import { ask, build, desk, find, findAll, menuIn, openedId, replace } from "./dom.js";
import { keepDraft, restoreDraft, watchSeen } from "./composer.js";
import { markCurrent, viewQuery, viewUrl } from "./list.js";
import { say } from "./say.js";
import { words } from "./words.js";

let asked = 0;

export const urlOf = (id) => `${viewUrl()}/${id}${viewQuery()}`;

// Shows a conversation; `push`: as a step that "back" undoes.
export async function openTalk(id, { push = true, focus = false } = {}) {
  if (id === openedId() && desk().dataset.pane === "talk") return;
  keepDraft();
  const mine = ++asked;
  markCurrent(id);
  document.body.classList.add("loading");
  try {
    const answer = await ask(urlOf(id));
    if (mine !== asked) return; // another one was chosen meanwhile
    if (answer.status === 401) return location.reload();
    if (!answer.ok) return say(words(answer.status === 404 ? "gone" : "failed"));
    putTalk(await answer.text());
    desk().dataset.pane = "talk";
    if (push) history.pushState({ talk: id }, "", urlOf(id));
    if (focus) find("#talk").focus({ preventScroll: true });
  } catch {
    say(words("offline"));
  } finally {
    document.body.classList.remove("loading");
  }
}

// The same conversation as it is now, without a step back in the history.
export async function refreshTalk() {
  const id = openedId();
  if (!id) return;
  const answer = await ask(urlOf(id));
  if (!answer.ok || id !== openedId()) return;
  keepDraft();
  const atEnd = isAtEnd();
  putTalk(await answer.text(), { keepComposer: true, toEnd: atEnd });
}

// `keep`: forms of the composer that somebody is writing in; they stay as they are.
export function putTalk(html, { keepComposer = false, keep = [], toEnd = true } = {}) {
  const content = build(html);
  const talk = find("#talk", content), person = find("#person", content);
  const old = find("#talk"), same = talk.dataset.id === old.dataset.id;
  const openMenu = same ? menuIn(find("#head", old) ?? old) : () => {};
  const top = find(".sheet")?.scrollTop ?? 0;
  const composer = keepComposer && find("#composer", old);
  const focused = composer && composer.contains(document.activeElement) ? document.activeElement : null;
  replace(find("#person"), person, { inside: same }); // open on a phone, it stays open
  if (composer && find("#composer", talk)) find("#composer", talk).replaceWith(composer);
  for (const form of keep) find(`[data-composer="${form.dataset.composer}"]`, talk)?.replaceWith(form);
  old.replaceWith(talk);
  openMenu();
  focused?.focus({ preventScroll: true });
  if (composer) watchSeen(); // the entries are new ones, and so is the sheet they stand on
  else restoreDraft();
  markNew();
  watchEarlier();
  document.title = `${find("h1", talk)?.textContent ?? ""} · Hubbub`;
  if (toEnd) goToEnd();
  else if (find(".sheet")) find(".sheet").scrollTop = top;
  document.dispatchEvent(new CustomEvent("talk-shown"));
}

export function closeTalk({ push = true } = {}) {
  keepDraft();
  const id = openedId();
  desk().dataset.pane = "list";
  if (push) history.pushState({}, "", viewUrl() + viewQuery());
  find(`#row-${CSS.escape(id ?? "")} > a.row`)?.focus({ preventScroll: true });
}

const EARLIER_AHEAD = "600px"; // earlier entries are fetched before the reader is at the top
const SEEN_KEPT = 200; // conversations whose last look is remembered
let above = null;

// The line before what came since this browser last looked; where it looked now is remembered.
function markNew() {
  const id = openedId(), all = findAll("#timeline > .entry");
  if (!id || !all.length) return;
  const seen = new Map(JSON.parse(localStorage.getItem("seen") || "[]"));
  const last = seen.get(id), newest = all.at(-1).dataset.at;
  const first = last && all.find((each) => each.dataset.at > last && !each.classList.contains("ours"));
  if (first && first !== all[0] && !find("#since")) {
    const line = document.createElement("li");
    line.id = "since";
    line.className = "since";
    line.append(document.createElement("span"));
    line.firstChild.textContent = words("since");
    first.before(line);
  }
  seen.delete(id);
  seen.set(id, newest);
  localStorage.setItem("seen", JSON.stringify([...seen].slice(-SEEN_KEPT)));
}

function watchEarlier() {
  above?.disconnect();
  const place = find("#earlier a");
  if (!place) return;
  above = new IntersectionObserver((changes) => { if (changes.some((each) => each.isIntersecting)) showEarlier(place); }, { root: find(".sheet"), rootMargin: `${EARLIER_AHEAD} 0px 0px` });
  above.observe(place);
}

function onScroll() {
  const news = find("#news");
  if (news) news.hidden = isAtEnd();
  if (news?.hidden) news.classList.remove("unread");
}

// What was opened was merged into another one meanwhile: on to that, with what was being written.
export async function moveOn(from, to) {
  if (from !== openedId()) return;
  const written = findAll("[data-composer]").map((form) => [form.dataset.composer, form.elements.text?.value ?? ""]);
  await openTalk(to);
  for (const [kind, text] of written) {
    const field = find(`[data-composer="${kind}"]`)?.elements.text;
    if (!text || !field || field.value) continue;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  say(words("merged"));
}

// Deleted, or somebody else's now: what was being written stays to be copied.
export function letGo(id) {
  if (id !== openedId()) return;
  for (const button of findAll("#foot [data-send], #head :is(button, a[data-task])")) button.disabled = true;
  const note = document.createElement("p");
  note.className = "warning late";
  note.setAttribute("role", "alert");
  note.textContent = words("goneKept");
  find("#foot")?.prepend(note);
}

export const isAtEnd = () => {
  const sheet = find(".sheet");
  return !sheet || sheet.scrollHeight - sheet.scrollTop - sheet.clientHeight < 80;
};

export function goToEnd() {
  const sheet = find(".sheet");
  if (sheet) sheet.scrollTop = sheet.scrollHeight;
  const news = find("#news");
  if (news) news.hidden = true;
}

// Puts an entry where its time belongs; a new day gets its line first.
export function putEntry(part) {
  const old = document.getElementById(`entry-${part.id}`);
  if (!part.html) return old?.remove();
  const fresh = build(part.html).firstElementChild;
  const atEnd = isAtEnd();
  if (old) {
    replace(old, fresh);
  } else {
    const timeline = find("#timeline");
    const later = findAll(":scope > [data-at]", timeline).find((each) => each.dataset.at > fresh.dataset.at);
    if (!find(`.day[data-day="${fresh.dataset.day}"]`, timeline)) timeline.insertBefore(build(part.day).firstElementChild, later ?? null);
    timeline.insertBefore(fresh, later ?? null);
    if (part.kind === "theirs" && !atEnd) {
      find("#news").hidden = false;
      find("#news").classList.add("unread");
    }
    if (part.kind === "theirs") say(words("wrote", { who: part.who }));
  }
  if (atEnd) goToEnd();
}

export function putHead(part) {
  const old = find("#head");
  if (!old || part.id !== openedId()) return;
  const openMenu = menuIn(old);
  replace(old, build(part.html).firstElementChild);
  openMenu();
}

async function showEarlier(link) {
  if (link.dataset.busy) return;
  link.dataset.busy = "1";
  const answer = await ask(link.href).catch(() => null);
  if (!answer?.ok || !link.isConnected) return delete link.dataset.busy;
  const sheet = find(".sheet"), from = sheet.scrollHeight - sheet.scrollTop;
  const content = build(await answer.text());
  const firstDay = find("#timeline > .day")?.dataset.day;
  const place = find("#earlier");
  if (find(`.day[data-day="${firstDay}"]`, content)) find("#timeline > .day").remove();
  place.replaceWith(content);
  sheet.scrollTop = sheet.scrollHeight - from;
  watchEarlier();
}

export function keepTalk() {
  document.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    const row = event.target.closest?.("#rows a.row, a[data-open]");
    const earlier = event.target.closest?.("[data-earlier]");
    if (row) openTalk(row.pathname.split("/").at(-1));
    else if (event.target.closest?.("[data-back]")) closeTalk();
    else if (earlier) showEarlier(earlier);
    else if (event.target.closest?.("[data-to-end]")) return goToEnd();
    else return;
    event.preventDefault();
  });
  addEventListener("popstate", () => {
    const [, , , view, id] = location.pathname.split("/");
    if (decodeURIComponent(view) !== desk().dataset.view || location.search !== viewQuery()) return location.reload();
    if (id) openTalk(id, { push: false });
    else closeTalk({ push: false });
  });
  document.addEventListener("scroll", (event) => { if (event.target.matches?.(".sheet")) onScroll(); }, { capture: true, passive: true });
  markNew();
  goToEnd();
  watchEarlier();
  restoreDraft();
}
