// Every deed has a key. Letters work wherever nobody is typing.
import { answerBefore } from "./answering.js";
import { desk, find, findAll, isTyping, openedId } from "./dom.js";
import { openBell } from "./bell.js";
import { toTag } from "./deeds.js";
import { setMode, undoLast } from "./composer.js";
import { changed } from "./drafts.js";
import { neighbour } from "./list.js";
import { replyToAll } from "./recipients.js";
import { closeTalk, openTalk } from "./talk.js";
import { openPalette } from "./palette.js";
import { openTask } from "./tasks.js";
import { anyChosen, chosen, extend, selectNone, toggleFocused } from "./select.js";
import { say } from "./say.js";
import { words } from "./words.js";

const PLACES = { o: "open", i: "open", m: "mine", u: "unassigned", n: "mentions", f: "following", s: "snoozed", r: "resolved", d: "failed", x: "spam" };
const OPEN_AFTER = 120; // holding j runs through the list without opening everything on the way
let going = 0, opening = 0;

function step(by) {
  const link = neighbour(by);
  if (!link) return;
  link.focus();
  link.scrollIntoView({ block: "nearest" });
  clearTimeout(opening);
  if (desk().dataset.pane === "talk") opening = setTimeout(() => openTalk(link.pathname.split("/").at(-1)), OPEN_AFTER);
}

// For what is selected, if anything is; else for what is open.
const deed = (letter) => (find(anyChosen() && "asef".includes(letter) ? `[data-bulk="${letter}"]` : `[data-deed="${letter}"]`))?.click();

// In what is selected, in what is open, or in the row that has the focus, which is opened for it.
async function write(mode) {
  const [one, ...more] = chosen();
  if (more.length) return say(words("chooseOne"));
  const row = one ?? (openedId() ? null : document.activeElement?.closest?.("#rows > li"));
  const id = row?.dataset.id ?? openedId();
  if (!id) return say(words("chooseOne"));
  if (id !== openedId()) await openTalk(id);
  if (id === openedId()) setMode(mode);
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  r: () => write("reply"),
  R: () => { setMode("reply"); replyToAll(find('#composer [data-composer="reply"]')); },
  F: () => setMode("forward"),
  q: () => { if (answerBefore()) changed(find(`[data-composer="reply"]`)); },
  n: () => write("note"),
  x: () => toggleFocused(),
  J: () => extend(1),
  K: () => extend(-1),
  l: () => find("[data-key=filter]")?.click(),
  a: () => deed("a"),
  s: () => deed("s"),
  e: () => deed("e"),
  f: () => deed("f"),
  m: () => deed("m"),
  c: () => openTask("/desk/conversations/new"),
  t: () => toTag(),
  p: () => deed("p"),
  ".": () => deed("."),
  "!": () => deed("!"),
  z: () => undoLast(),
  "/": () => openPalette(),
  "?": () => find("#keys")?.showModal(),
};

function onKey(event) {
  const mod = event.ctrlKey || event.metaKey;
  if (mod && event.key.toLowerCase() === "k") {
    event.preventDefault();
    return openPalette();
  }
  if (event.key === "Escape") return escape(event);
  if (mod || event.altKey || isTyping(event.target) || find("dialog[open], [popover]:popover-open")) return;
  const focusedRow = event.target.closest?.("#rows a.row");
  if (event.key === "Enter" && focusedRow) {
    event.preventDefault();
    return openTalk(focusedRow.pathname.split("/").at(-1), { focus: true });
  }
  if (going && Date.now() - going < 1500 && event.key === "b") {
    going = 0;
    event.preventDefault();
    return openBell();
  }
  if (going && Date.now() - going < 1500 && PLACES[event.key]) {
    going = 0;
    event.preventDefault();
    const place = find(`.views a[data-view="${PLACES[event.key]}"]`);
    return place && location.assign(place.href);
  }
  if (going && Date.now() - going < 1500 && /^[1-9]$/.test(event.key)) {
    going = 0;
    const place = findAll("details.views a[data-view]")[Number(event.key) - 1];
    return place && location.assign(place.href);
  }
  going = event.key === "g" ? Date.now() : 0;
  const run = KEYS[event.key];
  if (run) {
    event.preventDefault();
    run();
  }
}

function escape(event) {
  if (find("dialog[open], [popover]:popover-open")) return;
  if (isTyping(event.target)) find("#talk").focus({ preventScroll: true });
  else if (anyChosen()) selectNone();
  else if (location.hash) history.back();
  else if (openedId() && matchMedia("(max-width: 48rem)").matches) closeTalk();
}

export function keepKeys() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    const opens = event.target.closest?.("[data-opens]")?.dataset.opens;
    if (opens === "palette") openPalette();
    if (opens === "keys") { find("#my-menu")?.hidePopover(); find("#keys")?.showModal(); }
  });
  if (/Mac|iPhone|iPad/.test(navigator.platform)) {
    const show = () => { for (const key of findAll("kbd[data-mod]")) key.textContent = `⌘${key.dataset.mod}`; };
    show();
    document.addEventListener("talk-shown", show);
  }
}
