// What concerns me: the count, the panel, what floats in; live, and gone again when it is not true any more.
import { ask, build, desk, find, findAll, openedId } from "./dom.js";
import { chime, ring, silence } from "./ringing.js";
import { openTalk } from "./talk.js";
import { words } from "./words.js";

const TOASTS_MOST = 3, TOAST_FOR = 9000;
let known = null; // what was told of already; null: nothing was heard from the server yet
let groups = [], count = 0, closedAt = 0;

const panel = () => find("#bell-panel");
const visible = () => document.visibilityState === "visible";

export function putBell(part) {
  const fresh = known ? part.groups.filter((each) => each.ids.some((id) => !known.has(id))) : [];
  known = new Set([...(known ?? []), ...part.groups.flatMap((each) => each.ids)]);
  groups = part.groups;
  count = part.count;
  showCount();
  putList(part.html);
  for (const toast of findAll("#toasts > [data-toast]")) if (!groups.some((each) => each.key === toast.dataset.toast)) toast.remove();
  silence(groups);
  const elsewhere = fresh.filter((each) => !isLookedAt(each));
  for (const each of elsewhere) if (each.listed) toast(each);
  for (const each of elsewhere) if (each.rings) ring(each, () => open(each));
  if (part.sound && elsewhere.some((each) => each.listed && !each.wait)) chime();
  seeOpened();
}

function showCount() {
  const shown = count > 99 ? "99+" : count ? String(count) : "";
  for (const place of findAll("[data-bell-count]")) place.textContent = shown;
  for (const bell of findAll("[data-bell]")) bell.setAttribute("aria-label", words(count ? "noticesCount" : "notices", { count: shown }));
  showTitle();
}

// Whoever else writes the title writes it without the count.
function showTitle() {
  const bare = document.title.replace(/^\(\d+\+?\) /, "");
  const wanted = count ? `(${count > 99 ? "99+" : count}) ${bare}` : bare;
  if (document.title !== wanted) document.title = wanted;
}

function putList(html) {
  const place = find("[data-bell-list]");
  if (!place) return;
  const focused = place.contains(document.activeElement) && document.activeElement.closest("[data-key]")?.dataset.key;
  const top = place.scrollTop;
  place.replaceChildren(build(html));
  place.scrollTop = top;
  if (focused) (find(`[data-key="${CSS.escape(focused)}"]`, place) || find("a", place) || place).focus({ preventScroll: true });
}

const isLookedAt = (each) => visible() && each.conversation !== null && each.conversation === openedId() && desk()?.dataset.pane === "talk";

// What is open before somebody's eyes is seen, in whatever browser it was told.
function seeOpened() {
  const here = groups.find(isLookedAt);
  if (here) see({ conversation: here.conversation });
}

function see(values) {
  const body = new URLSearchParams({ csrf: document.body.dataset.formToken, ...values });
  return ask("/desk/notices/seen", { method: "POST", body }).catch(() => null);
}

function open(each) {
  if (panel()?.matches(":popover-open")) panel().hidePopover();
  if (each.conversation && desk()) openTalk(each.conversation, { focus: true });
  else location.assign(each.url);
}

function toast(each) {
  const place = find("#toasts");
  if (!place || panel()?.matches(":popover-open")) return;
  find(`[data-toast="${CSS.escape(each.key)}"]`, place)?.remove();
  const card = document.createElement("div"), link = document.createElement("a"), close = document.createElement("button");
  card.className = "toast";
  card.dataset.toast = each.key;
  link.href = each.url;
  link.append(Object.assign(document.createElement("b"), { textContent: each.title }), Object.assign(document.createElement("span"), { textContent: each.text }));
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    card.remove();
    open(each);
  });
  close.type = "button";
  close.className = "button quiet small";
  close.textContent = "×";
  close.setAttribute("aria-label", words("close"));
  close.addEventListener("click", () => card.remove());
  card.append(link, close);
  place.prepend(card);
  while (place.children.length > TOASTS_MOST) place.lastElementChild.remove();
  const leave = () => (card.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : card.remove());
  setTimeout(leave, TOAST_FOR);
}

export function openBell() {
  const place = panel();
  if (!place) return location.assign("/desk/notices");
  place.showPopover();
  (find("a", find("[data-bell-list]")) ?? find("[data-bell-list]")).focus({ preventScroll: true });
}

// Up and down, as in every list.
function onPanelKey(event) {
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (!step) return;
  const links = findAll("[data-bell-list] li > a");
  const at = links.indexOf(document.activeElement.closest("li")?.querySelector("a"));
  links[Math.min(links.length - 1, Math.max(0, at + step))]?.focus();
  event.preventDefault();
}

function onClick(event) {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  const bell = event.target.closest?.("[data-bell]");
  const link = event.target.closest?.("[data-told-open]");
  if (bell && panel()) {
    event.preventDefault();
    // A click beside the panel closes it before it arrives here; on the bell it shall not open it again.
    if (Date.now() - closedAt > 300) openBell();
  } else if (link && desk()) {
    event.preventDefault();
    open({ conversation: link.dataset.toldOpen, url: link.href });
  }
}

export function keepBell() {
  document.addEventListener("click", onClick);
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-told-seen]")) return;
    event.preventDefault();
    see(Object.fromEntries(new FormData(event.target)));
  });
  document.addEventListener("talk-shown", seeOpened);
  document.addEventListener("visibilitychange", seeOpened);
  panel()?.addEventListener("keydown", onPanelKey);
  panel()?.addEventListener("beforetoggle", (event) => { if (event.newState === "closed") closedAt = Date.now(); });
  const title = find("title");
  if (title) new MutationObserver(showTitle).observe(title, { childList: true });
}
