// Several at once: chosen by checkbox, key or long press; one deed for all, with progress, failures by name, and undo.
import { ask, desk, find, findAll } from "./dom.js";
import { neighbour, refreshRows, rows } from "./list.js";
import { remember, undoLast } from "./composer.js";
import { refreshTalk } from "./talk.js";
import { say } from "./say.js";
import { words } from "./words.js";

const LONG = 450; // ms until a touch is a choice
const box = (row) => find(".pick input", row);
export const chosen = () => rows().filter((row) => box(row)?.checked);
export const anyChosen = () => Boolean(find("#rows .pick input:checked"));
let from = null; // where a range begins

function show() {
  const all = find("#bulk [name=all]"), count = chosen().length, place = find("[data-selected]");
  if (!count && all) all.checked = false;
  if (place) place.textContent = all?.checked ? words("selectedAll") : words("selected", { count: String(count) });
  if (!count) from = null;
}

function choose(row, on = true) {
  if (!row || !box(row)) return;
  box(row).checked = on;
  from = row.id;
}

// From where the last choice was made to here.
function range(to) {
  const all = rows(), start = all.findIndex((row) => row.id === from), end = all.indexOf(to);
  if (start < 0 || end < 0) return choose(to);
  for (const row of all.slice(Math.min(start, end), Math.max(start, end) + 1)) box(row).checked = true;
}

export function toggleFocused() {
  const row = document.activeElement?.closest?.("#rows > li") ?? find("#rows a[aria-current]")?.closest("li") ?? rows()[0];
  if (!row) return;
  choose(row, !box(row).checked);
  if (!document.activeElement?.closest?.("#rows > li")) find("a.row", row).focus();
  show();
}

export function extend(by) {
  const here = document.activeElement?.closest?.("#rows > li"), link = neighbour(by);
  if (here) choose(here);
  if (!link) return;
  link.focus();
  link.scrollIntoView({ block: "nearest" });
  choose(link.closest("li"));
  show();
}

export function selectNone() {
  for (const each of findAll("#rows .pick input:checked")) each.checked = false;
  delete find("#list").dataset.selecting;
  find("[data-selecting]")?.setAttribute("aria-pressed", "false");
  show();
}

async function* lines(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    const parts = (rest + (value ?? "")).split("\n");
    rest = parts.pop();
    for (const part of parts) if (part) yield JSON.parse(part);
    if (done) return;
  }
}

async function submit(form, submitter) {
  if (form.dataset.busy) return;
  const data = new URLSearchParams(new FormData(form));
  if (submitter?.name) data.set(submitter.name, submitter.value);
  if (data.get("all") && !confirm(words("allOf"))) return;
  form.closest("section").focus?.();
  for (const open of findAll("[popover]:popover-open")) open.hidePopover();
  form.dataset.busy = "1";
  const place = find("[data-progress]", form);
  try {
    const answer = await ask(form.action, { method: "POST", body: data });
    if (answer.status === 401) return location.reload();
    if (!answer.ok) return say((await answer.text()).slice(0, 200) || words("failed"));
    let last = null;
    for await (const line of lines(answer)) {
      if (line.broken) return say(line.broken);
      last = line;
      place.hidden = false;
      find("progress", place).value = line.total ? (line.done + line.failures) / line.total : 1;
      find("span", place).textContent = words("progress", { done: String(line.done + line.failures), total: String(line.total) });
    }
    if (last) tell(last);
    selectNone();
  } catch {
    say(words("offline"));
  } finally {
    delete form.dataset.busy;
    place.hidden = true;
    focusList();
  }
}

function focusList() {
  if (document.activeElement === document.body || !document.activeElement?.checkVisibility?.()) (find("#rows a[aria-current]") ?? find("#rows a.row") ?? find(".list .scroll"))?.focus({ preventScroll: true });
}

function tell(result) {
  const undo = result.token && (() => takeBack(result.token));
  if (undo) remember(undo);
  if (result.more) return say(`${words("doneAll", { count: String(result.done) })}. ${result.more}`, undo ? { title: words("undo"), run: undoLast } : null);
  if (!result.failures) return say(words("doneAll", { count: String(result.done) }), undo ? { title: words("undo"), run: undoLast } : null);
  say(words("doneSome", { done: String(result.done), failed: String(result.failures) }), { title: words("why"), run: () => showFailures(result), lasts: 12_000 });
}

function showFailures(result) {
  const dialog = find("#failures");
  find("h2", dialog).textContent = words("doneSome", { done: String(result.done), failed: String(result.failures) });
  find("ul", dialog).replaceChildren(...result.failed.map(({ id, who, why }) => {
    const line = document.createElement("li"), link = document.createElement("a"), reason = document.createElement("small");
    link.href = `/desk/conversations/${id}`;
    link.textContent = who;
    reason.textContent = why;
    line.append(link, reason);
    return line;
  }));
  dialog.showModal();
}

async function takeBack(token) {
  const answer = await ask("/desk/bulk/undo", { method: "POST", body: new URLSearchParams({ token, csrf: document.body.dataset.formToken }) });
  if (!answer.ok) return say((await answer.text()).slice(0, 200));
  say((await answer.json()).say);
  await Promise.all([refreshRows(), refreshTalk()]);
}

function keepTouch() {
  let timer = 0, pressed = null;
  const stop = () => clearTimeout(timer);
  document.addEventListener("pointerdown", (event) => {
    const row = event.pointerType !== "mouse" && event.target.closest?.("#rows > li");
    if (!row) return;
    timer = setTimeout(() => { pressed = row; choose(row, !box(row).checked); show(); }, LONG);
  });
  for (const name of ["pointerup", "pointercancel", "pointermove"]) document.addEventListener(name, (event) => { if (name !== "pointermove" || Math.abs(event.movementY) > 4) stop(); });
  document.addEventListener("contextmenu", (event) => { if (pressed) event.preventDefault(); });
  document.addEventListener("click", (event) => {
    const row = event.target.closest?.("#rows > li");
    if (pressed || (row && "selecting" in find("#list").dataset && !event.target.closest(".pick"))) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!pressed && row) { choose(row, !box(row).checked); show(); }
    }
    pressed = null;
  }, true);
}

export function keepSelect() {
  document.addEventListener("click", (event) => {
    const pick = event.target.closest?.("#rows .pick");
    if (pick && event.target.matches("input")) {
      const row = pick.closest("li");
      if (event.shiftKey && event.target.checked) range(row);
      from = row.id;
      show();
    }
    if (event.target.closest?.("[data-select-shown]")) { rows().forEach((row) => choose(row)); show(); }
    const button = event.target.closest?.("[data-selecting]");
    if (button && button.id !== "list") {
      const on = button.getAttribute("aria-pressed") !== "true";
      if (!on) return selectNone();
      button.setAttribute("aria-pressed", "true");
      find("#list").dataset.selecting = "";
    }
  });
  document.addEventListener("change", (event) => { if (event.target.matches?.("#bulk [name=all]")) show(); });
  document.addEventListener("reset", (event) => { if (event.target.matches("#bulk")) { event.preventDefault(); selectNone(); focusList(); } });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("#bulk")) return; // its boxes are called "id": `form.id` is one of them
    if (event.submitter && "asks" in event.submitter.dataset) return; // the server asks, on a page of its own
    event.preventDefault();
    submit(event.target, event.submitter);
  });
  document.addEventListener("rows-changed", show);
  keepTouch();
  desk() && show();
}
