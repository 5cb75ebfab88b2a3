// The list: rows put in place, more of them fetched, the next and the previous one.
import { ask, build, desk, find, findAll, replace } from "./dom.js";

export const rows = () => findAll("#rows > li");
// The moment a list is sorted by; rows without one (or whose window is over) stand behind, the newest first.
const moment = (row) => {
  const sort = desk().dataset.sort, at = row.dataset[sort] || "";
  return sort === "newest" || (sort === "window" && Date.parse(at) < Date.now()) ? "" : at;
};
const before = (one, other) => {
  const first = moment(one), second = moment(other);
  if (first && second) return first < second;
  return first || second ? Boolean(first) : one.dataset.at > other.dataset.at;
};

// Puts a row where it belongs; without html it leaves. The reader's place and focus stay.
export function putRow(id, html) {
  const old = document.getElementById(`row-${id}`);
  const scroll = find(".list .scroll");
  const top = scroll?.scrollTop ?? 0;
  if (!html) {
    if (old) leave(old);
    return;
  }
  const fresh = build(html).firstElementChild;
  const link = find("a.row", fresh);
  if (old && find(".pick input:checked", old)) find(".pick input", fresh).checked = true;
  if (id === find("#talk")?.dataset.id) link.setAttribute("aria-current", "true");
  const moved = !old || old.dataset.at !== fresh.dataset.at;
  if (old) replace(old, fresh);
  const focused = fresh.contains(document.activeElement);
  const follower = rows().find((row) => row !== fresh && before(fresh, row));
  const last = rows().at(-1);
  // Older than everything shown, while there is more to show: it comes with its page.
  if (!old && !follower && last && find("#more-rows")) return;
  if (!old || fresh.nextElementSibling !== (follower ?? null)) find("#rows").insertBefore(fresh, follower ?? null);
  if (focused) link.focus({ preventScroll: true });
  if (moved) fresh.classList.add("fresh");
  if (scroll && top > 40 && !old) scroll.scrollTop = top + fresh.offsetHeight;
  document.dispatchEvent(new CustomEvent("rows-changed"));
}

function leave(row) {
  const focused = row.contains(document.activeElement);
  const next = row.nextElementSibling || row.previousElementSibling;
  row.remove();
  if (focused) (find("a.row", next ?? document.createElement("li")) || find(".list .scroll")).focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("rows-changed"));
}

export function markCurrent(id) {
  for (const link of findAll("#rows a[aria-current]")) link.removeAttribute("aria-current");
  const link = id && find(`#row-${CSS.escape(id)} > a.row`);
  if (link) {
    link.setAttribute("aria-current", "true");
    link.scrollIntoView({ block: "nearest" });
  }
}

// The row after (1) or before (-1) the one that has the focus, or else is open.
export function neighbour(step) {
  const all = rows();
  const focused = document.activeElement?.closest?.("#rows > li");
  const at = all.indexOf(focused ?? find("#rows a[aria-current]")?.closest("li"));
  return find("a.row", all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step))] ?? document.createElement("li"));
}

// Which conversation comes up when this one leaves the list.
export function follower(id) {
  const row = id && document.getElementById(`row-${id}`);
  return (row?.nextElementSibling ?? row?.previousElementSibling)?.dataset.id ?? null;
}

export async function refreshRows() {
  const answer = await ask(viewUrl() + viewQuery());
  if (!answer.ok) return;
  const focused = document.activeElement?.closest?.("#rows > li")?.id;
  const picked = findAll("#rows .pick input:checked").map((each) => each.value);
  find("#more-rows")?.remove();
  find("#rows").replaceChildren();
  append(build(await answer.text()));
  for (const id of picked) { const box = find(`#row-${CSS.escape(id)} .pick input`); if (box) box.checked = true; }
  document.dispatchEvent(new CustomEvent("rows-changed"));
  markCurrent(find("#talk")?.dataset.id);
  if (focused) find(`#${CSS.escape(focused)} > a.row`)?.focus({ preventScroll: true });
}

export const viewUrl = () => `/desk/inbox/${desk().dataset.view}`;
export const viewQuery = () => desk().dataset.query || "";

function append(content) {
  for (const row of findAll("li", content).filter((each) => each.parentNode === content)) if (!document.getElementById(row.id)) find("#rows").append(row);
  const more = find("#more-rows", content);
  if (more) find("#rows").after(more);
}

async function showMore(link) {
  link.setAttribute("aria-busy", "true");
  const answer = await ask(link.href);
  if (!answer.ok) return;
  const first = rows().length;
  link.remove();
  append(build(await answer.text()));
  find("a.row", rows()[first] ?? document.createElement("li"))?.focus({ preventScroll: true });
}

export function keepList() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("#more-rows");
    if (!link || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    showMore(link);
  });
}
