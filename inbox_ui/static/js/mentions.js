// "@" in a note proposes whom it can name; the text stays plain: the hub reads the names from it.
import { ask, find, findAll, openedId } from "./dom.js";
import { fit } from "./palette.js";

const MOST = 6, LONGEST = 40;
let names = null, namesOf = null, field = null, from = 0, shown = [], chosen = 0;

async function load() {
  const id = openedId();
  if (namesOf === id && names) return names;
  const answer = await ask(`/desk/conversations/${id}/names`).catch(() => null);
  names = answer?.ok ? await answer.json() : [];
  namesOf = id;
  return names;
}

// The letters between an "@" that begins a word and the caret; null: there is none.
function typed(target) {
  const text = target.value.slice(0, target.selectionStart), at = text.lastIndexOf("@");
  if (at < 0 || text.length - at > LONGEST || /[\p{L}\p{N}]/u.test(text[at - 1] ?? " ")) return null;
  const word = text.slice(at + 1);
  return /[\n@]/.test(word) || / .* /.test(word) ? null : { at, word };
}

async function look(target) {
  const found = typed(target);
  if (!found) return shut();
  const all = await load();
  if (document.activeElement !== target || typed(target)?.word !== found.word) return;
  const ranked = all.map((each) => ({ each, how: found.word ? fit(found.word, each.name) : { points: 0 } })).filter(({ how }) => how);
  ranked.sort((one, other) => other.how.points - one.how.points);
  shown = ranked.slice(0, MOST).map(({ each }) => each);
  if (!shown.length || shown.some(({ name }) => name === found.word)) return shut();
  field = target;
  from = found.at;
  draw();
}

function draw() {
  let list = find("#names");
  if (!list) {
    list = document.createElement("div");
    list.id = "names";
    list.className = "names menu";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "@");
  }
  find(".written", field.closest("[data-box]")).append(list);
  list.replaceChildren(...shown.map(({ name, hint }, index) => {
    const row = document.createElement("div"), small = document.createElement("small");
    row.id = `name-${index}`;
    row.setAttribute("role", "option");
    small.textContent = hint;
    row.append(name, small);
    row.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(index); take(); });
    return row;
  }));
  field.setAttribute("aria-controls", "names");
  field.setAttribute("aria-autocomplete", "list");
  choose(0);
}

function choose(index) {
  chosen = (index + shown.length) % shown.length;
  findAll("#names [role=option]").forEach((each, at) => each.setAttribute("aria-selected", String(at === chosen)));
  field.setAttribute("aria-activedescendant", `name-${chosen}`);
}

function take() {
  const target = field, { name } = shown[chosen];
  target.setRangeText(`@${name} `, from, target.selectionStart, "end");
  shut();
  target.dispatchEvent(new Event("input", { bubbles: true }));
}

function shut() {
  find("#names")?.remove();
  field?.removeAttribute("aria-activedescendant");
  field?.removeAttribute("aria-controls");
  field = null;
}

export function keepMentions() {
  document.addEventListener("input", (event) => { if (event.target.matches?.('[data-composer="note"] textarea')) look(event.target); });
  document.addEventListener("focusout", (event) => { if (event.target === field) shut(); });
  document.addEventListener("keydown", (event) => {
    if (event.target !== field) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) take();
    else if (event.key === "Tab") take();
    else if (event.key === "Escape") shut();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
}
