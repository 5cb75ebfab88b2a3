// Files: dropped, pasted or chosen; each uploaded by itself, with progress, a way to stop it and a way to try again.
import { build, find, findAll } from "./dom.js";
import { changed } from "./drafts.js";
import { say } from "./say.js";
import { words } from "./words.js";

const under = new Map(); // row -> what is under way: { request, done }
const UNITS = ["B", "kB", "MB", "GB"];

const listOf = (form) => find("[data-attached]", form);
export const waitingIn = (form) => findAll("[data-state=going]", listOf(form));
export const failedIn = (form) => findAll("[data-state=failed]", listOf(form));

// Resolves once nothing is being uploaded any more.
export const settled = (form) => Promise.all(waitingIn(form).map((row) => under.get(row)?.done));

function size(count) {
  let unit = 0;
  for (; count >= 1000 && unit < UNITS.length - 1; unit++) count /= 1000;
  return `${new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: unit ? 1 : 0 }).format(count)} ${UNITS[unit]}`;
}

const fits = (pattern, mime) => new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*")}$`).test(mime);

// Why a file cannot go this way; null: it can.
function refusal(form, file) {
  const box = find("[data-box]", form);
  const most = Number(box.dataset.most), largest = JSON.parse(box.dataset.largest);
  if (!most) return words("noFiles");
  if (listOf(form).children.length >= most) return words("tooMany", { count: most });
  if (!file.size) return words("emptyFile", { name: file.name });
  const stars = (pattern) => pattern.split("*").length;
  const limits = Object.keys(largest).filter((pattern) => fits(pattern, file.type || "application/octet-stream")).sort((one, other) => stars(one) - stars(other));
  if (!limits.length) return words("wrongKind", { name: file.name, kind: file.type || "?" });
  if (file.size > largest[limits[0]]) return words("tooLarge", { name: file.name, size: size(largest[limits[0]]) });
  return null;
}

// `files`: of this device, or of a saved reply (`from`: where a copy is asked for).
export function add(form, files, { inline = false } = {}) {
  for (const file of files) {
    const problem = refusal(form, file);
    if (problem) say(problem);
    else begin(form, file, inline);
  }
}

function begin(form, file, inline) {
  const row = document.createElement("li");
  row.className = "file";
  listOf(form).append(row);
  send(form, row, file, inline);
}

function send(form, row, file, inline) {
  const request = new XMLHttpRequest();
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", words("uploading", { name: file.name }));
  draw(row, "going", file, [bar, button("close", words("stop", { name: file.name }), () => { request.abort(); remove(form, row); })]);
  const done = new Promise((resolve) => {
    request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; };
    request.onloadend = () => {
      under.delete(row);
      if (row.isConnected) finished(form, row, file, inline, request);
      resolve();
    };
  });
  under.set(row, { request, done });
  request.open("POST", file.from ?? `/desk/uploads${inline ? "?inline=1" : ""}`);
  request.setRequestHeader("Content-Type", (!file.from && file.type) || "application/octet-stream");
  request.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
  request.setRequestHeader("X-Form-Token", document.body.dataset.formToken);
  request.setRequestHeader("X-Part", "1");
  request.send(file.from ? null : file);
}

function finished(form, row, file, inline, request) {
  if (request.status !== 201) return failed(form, row, file, inline, request);
  const answer = JSON.parse(request.responseText);
  row.replaceWith(build(answer.html));
  if (inline && answer.inline) write(form, `![${file.name}](cid:${answer.inline})`);
  say(words("attached", { name: file.name }));
  changed(form);
}

// The message does not leave without it: it is tried again, or taken off the list.
function failed(form, row, file, inline, request) {
  const why = request.status === 413 || request.status === 422 ? request.responseText : words("uploadFailed", { name: file.name });
  const again = button("retry", words("again", { name: file.name }), () => send(form, row, file, inline));
  again.dataset.again = "";
  draw(row, "failed", file, [again, button("close", words("remove", { name: file.name }), () => remove(form, row))]);
  row.title = why;
  say(why);
}

function draw(row, state, file, more) {
  row.dataset.state = state;
  const name = document.createElement("span"), count = document.createElement("small");
  name.className = "file-name";
  name.textContent = file.name;
  count.textContent = state === "failed" ? words("notUploaded") : size(file.size);
  row.replaceChildren(icon(state === "failed" ? "failed" : "attach"), name, count, ...more);
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${document.body.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

function button(name, label, run) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button quiet small";
  made.setAttribute("aria-label", label);
  made.append(icon(name));
  made.addEventListener("click", run);
  return made;
}

function remove(form, row) {
  const inline = row.dataset.inline, field = form.elements.text;
  const next = find("button", row.nextElementSibling ?? row.previousElementSibling ?? document.createElement("i"));
  if (inline) field.value = field.value.replaceAll(new RegExp(`!\\[[^\\]]*\\]\\(cid:${inline}\\)`, "g"), "");
  row.remove();
  (next ?? field).focus();
  changed(form);
}

function write(form, text) {
  const field = form.elements.text;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

const formOf = (event) => event.target.closest?.("[data-composer]");
const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

export function keepFiles() {
  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("[data-files]")) return;
    const files = [...event.target.files];
    event.target.value = ""; // what is uploaded does not go with the form once more
    add(formOf(event), files);
  });
  document.addEventListener("paste", (event) => {
    const form = formOf(event), files = [...(event.clipboardData?.files ?? [])];
    if (!form || !files.length) return;
    event.preventDefault();
    const inline = find("[data-look]", form) && event.target.matches("textarea");
    add(form, files.filter((each) => inline && each.type.startsWith("image/")), { inline: true });
    add(form, files.filter((each) => !inline || !each.type.startsWith("image/")));
  });
  document.addEventListener("dragover", (event) => {
    const talk = carriesFiles(event) && event.target.closest?.("#talk, dialog");
    if (!talk) return;
    event.preventDefault();
    talk.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget?.closest?.(".dropping")) find(".dropping")?.classList.remove("dropping"); });
  document.addEventListener("drop", (event) => {
    const place = carriesFiles(event) && event.target.closest?.("#talk, dialog");
    if (!place) return;
    event.preventDefault();
    place.classList.remove("dropping");
    const form = formOf(event) ?? findAll("[data-composer]", place).find((each) => each.offsetParent);
    if (form) add(form, event.dataTransfer.files);
  });
  document.addEventListener("click", (event) => {
    const row = event.target.closest?.("[data-detach]")?.closest("li");
    if (row) remove(row.closest("form"), row);
  });
}
