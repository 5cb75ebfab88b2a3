// Saved replies: asked for by "/" at the beginning of a line, by their button or from the palette; seen filled in
// before they are put where the caret is.
import { add } from "./attaching.js";
import { ask, find, findAll } from "./dom.js";
import { words } from "./words.js";
import { say } from "./say.js";

const ASK_AFTER = 120; // ms without a key
let field = null, place = [0, 0], typed = "", shown = [], chosen = 0, asking = 0, turn = 0, filled = new Map();

const dialog = () => find("#snippets");
const conversationOf = () => field?.closest("[data-conversation]:not([data-composer=new])")?.dataset.conversation ?? "";

// `key`: what was typed to open it, which stands in the text after all when it is left by Escape.
export function openSnippets(target, key = "") {
  field = target;
  place = [field.selectionStart, field.selectionEnd];
  typed = key;
  filled = new Map();
  const entry = find("input", dialog());
  entry.value = "";
  dialog().showModal();
  look("");
}

async function look(query) {
  const mine = ++turn;
  const answer = await ask(`/desk/saved-replies?q=${encodeURIComponent(query)}`).catch(() => null);
  if (mine !== turn || !dialog().open) return;
  if (answer?.status === 401) return location.reload();
  shown = answer?.ok ? await answer.json() : [];
  if (mine !== turn) return;
  const list = find(".found", dialog());
  list.replaceChildren(...shown.map(option));
  if (!shown.length) list.append(line("p", "none", words(answer?.ok ? "noSnippets" : "offline")));
  find(".filled", dialog()).replaceChildren();
  choose(0);
}

function line(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function option(reply, index) {
  const row = line("div", "", "");
  row.id = `snippet-${index}`;
  row.setAttribute("role", "option");
  const about = line("span", "about", "");
  about.append(line("b", "", reply.title), line("span", "what", reply.text));
  if (reply.files) about.append(line("span", "with-files", words("withFiles", { count: reply.files })));
  row.append(about, line("small", "", reply.shortcut ? `/${reply.shortcut}` : reply.whose));
  row.addEventListener("click", () => { choose(index); insert(); });
  row.addEventListener("pointermove", () => { if (chosen !== index) choose(index); });
  return row;
}

function choose(index) {
  if (!shown.length) return;
  chosen = (index + shown.length) % shown.length;
  findAll("[role=option]", dialog()).forEach((each, at) => each.setAttribute("aria-selected", String(at === chosen)));
  find("input", dialog()).setAttribute("aria-activedescendant", `snippet-${chosen}`);
  find(`#snippet-${chosen}`)?.scrollIntoView({ block: "nearest" });
  preview(shown[chosen]);
}

async function fill(reply) {
  if (!filled.has(reply.id)) {
    const answer = await ask(`/desk/saved-replies/${reply.id}?conversation=${conversationOf()}`).catch(() => null);
    if (!answer?.ok) return { problem: (answer && (await answer.text()).slice(0, 200)) || words("offline") };
    filled.set(reply.id, await answer.json());
  }
  return filled.get(reply.id);
}

// What has no value is marked: it is seen before it is put anywhere.
async function preview(reply) {
  const found = await fill(reply), place = find(".filled", dialog());
  if (shown[chosen] !== reply) return;
  if (found.problem) return place.replaceChildren(line("p", "problem", found.problem));
  const text = line("div", "text", "");
  for (const part of found.text.split(/(\{\{[^{}\n]{1,200}\}\})/)) text.append(part.startsWith("{{") ? line("mark", "", part) : part);
  place.replaceChildren(text);
  if (found.files.length) {
    const files = line("ul", "files", "");
    files.append(...found.files.map((each) => line("li", "", `${each.name} · ${each.shown}`)));
    place.append(files);
  }
  if (found.missing.length) place.prepend(line("p", "problem", words("missing", { count: found.missing.length })));
}

async function insert() {
  const reply = shown[chosen];
  if (!reply) return;
  const found = await fill(reply);
  if (found.problem) return say(found.problem);
  typed = "";
  dialog().close();
  field.focus();
  field.setRangeText(found.text, place[0], place[1], "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  add(field.form, found.files);
  const open = /\{\{[^{}\n]{1,200}\}\}/.exec(found.text);
  if (open) field.setSelectionRange(place[0] + open.index, place[0] + open.index + open[0].length);
}

function left() {
  if (!field) return;
  const text = typed ? typed + find("input", dialog()).value : "";
  field.focus();
  field.setSelectionRange(place[0], place[1]);
  if (!text) return;
  field.setRangeText(text, place[0], place[1], "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

const atLineStart = (target) => target.selectionStart === 0 || target.value[target.selectionStart - 1] === "\n";

export function keepSnippets() {
  if (!dialog()) return;
  document.addEventListener("beforeinput", (event) => {
    if (event.data !== "/" || event.isComposing || !event.target.matches?.('[data-composer]:not([data-composer="note"]) textarea')) return;
    if (!atLineStart(event.target)) return;
    event.preventDefault();
    openSnippets(event.target, "/");
  });
  document.addEventListener("click", (event) => {
    const form = event.target.closest?.("[data-snippets]")?.closest("form");
    if (form) openSnippets(form.elements.text);
  });
  find("input", dialog()).addEventListener("input", (event) => {
    clearTimeout(asking);
    asking = setTimeout(() => look(event.target.value.trim()), ASK_AFTER);
  });
  dialog().addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter" && !event.isComposing) insert();
    else if (event.key === "Backspace" && !event.target.value) { typed = ""; dialog().close(); }
    else return;
    event.preventDefault();
  });
  dialog().addEventListener("close", left);
}
