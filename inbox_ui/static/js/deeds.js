// What can be done here and now, as the palette lists it: what is on the page, without its menus being open.
import { openBell } from "./bell.js";
import { setMode, undoLast } from "./composer.js";
import { find, findAll, openedId } from "./dom.js";
import { replyToAll } from "./recipients.js";
import { anyChosen } from "./select.js";
import { openTask } from "./tasks.js";
import { openTalk } from "./talk.js";
import { words } from "./words.js";

const item = (title, icon, run, hint = "") => ({ title, icon, run, hint });
const press = (each) => () => each.click();
// The words of a button, without its face, its icons and what is small in it.
const own = (each) => [...each.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent).join(" ").trim();
const plain = (text) => text.replace(/\s*…$/, "").replace(/ \(.\)$/, "").trim();

// The tag field is beside the conversation, which folds away on narrow screens.
export function toTag() {
  if (!openedId()) return;
  if (!find("#person").checkVisibility()) location.hash = "person";
  find("[data-key=tag]")?.focus();
}

function tagWith(name) {
  const field = find("[data-key=tag]");
  field.value = name;
  field.form.requestSubmit();
}

function ofTheConversation() {
  const deeds = findAll("[data-deed]").map((each) => item(plain(each.title), "check", press(each), each.dataset.deed.toUpperCase()));
  const modes = findAll("#composer .tab").map((each) => item(each.textContent.trim(), "reply", press(find("input", each)), find("input", each).value === "note" ? "N" : "R"));
  const toAll = find("#composer [data-everybody]") ? [item(words("replyAll"), "everybody", () => { setMode("reply"); replyToAll(find(`#composer [data-composer="reply"]`)); }, "⇧R")] : [];
  const agents = findAll("#assign-menu button[name=agent]").map((each) => item(words("assignTo", { who: own(each) }), "assign", press(each)));
  const nobody = findAll("#assign-menu form:has([name=_method]) button").map((each) => item(words("assignTo", { who: own(each) }), "unassigned", press(each)));
  const teams = findAll("#assign-menu button[name=team]").map((each) => item(words("handTo", { who: own(each) }), "team", press(each)));
  const times = findAll("#snooze-menu button[name=until]").map((each) => item(words("snoozeUntil", { when: own(each) }), "snooze", press(each), find("small", each)?.textContent ?? ""));
  const priorities = findAll("#more-menu button[name=priority]").map((each) => item(words("priorityOf", { name: own(each) }), "trouble", press(each)));
  const links = findAll("#more-menu .links a:not([data-deed])").map((each) => item(plain(own(each)), each.classList.contains("danger") ? "delete" : "split", press(each)));
  const tag = find("[data-key=tag]") ? [item(words("addTag"), "tag", toTag, "T")] : [];
  return [...deeds, ...modes, ...toAll, ...agents, ...nobody, ...teams, ...times, ...priorities, ...links, ...tag];
}

function ofTheSelection() {
  if (!anyChosen()) return [];
  const many = find("[data-selected]").textContent;
  return findAll("#bulk button[name=deed], #bulk [data-bulk]").map((each) => item(`${many}: ${each.textContent.trim()}`, "select", press(each)));
}

function ofTheDesk() {
  const filter = find("[data-key=filter]");
  const there = findAll("#attendance-menu button[name=choice]:not(.small)").map((each) => item(own(each), "clock", press(each)));
  return [
    ...there,
    item(words("newConversation"), "reply", () => openTask("/desk/conversations/new"), "C"),
    ...(filter ? [item(words("filterList"), "filter", press(filter), "L")] : []),
    item(words("undo"), "undo", () => undoLast(), "Z"),
    item(words("notices"), "bell", () => openBell(), "G B"),
    item(words("keys"), "help", () => find("#keys")?.showModal(), "?"),
  ];
}

function ofTheList() {
  const views = findAll("#places a[data-key]").map((each) => item(find("span", each).textContent, each.dataset.icon || "inbox", () => location.assign(each.href), find("b", each)?.textContent ?? ""));
  const conversations = findAll("#rows a.row").map((each) => item([find(".who", each).textContent, find(".kicker", each)?.textContent || find(".what", each).textContent].join(" · ").trim(), "bubble", () => openTalk(each.pathname.split("/").at(-1), { focus: true }), find("time", each).textContent));
  return { views, conversations };
}

// `places`: pages elsewhere, which the server told of: { title, icon, href, tag }.
export function collect(places) {
  const { views, conversations } = ofTheList();
  const tags = find("[data-key=tag]") ? places.filter((each) => each.tag).map((each) => item(words("addTheTag", { tag: each.tag }), "tag", () => tagWith(each.tag))) : [];
  const elsewhere = places.map((each) => item(each.title, each.icon, () => location.assign(each.href)));
  return [...ofTheSelection(), ...ofTheConversation(), ...ofTheDesk(), ...views, ...elsewhere, ...tags, ...conversations];
}
