// Recipients as pieces that can be taken away one by one; the field behind them stays what the form sends.
import { build, find, findAll } from "./dom.js";
import { words } from "./words.js";

const ADDRESS = /^[^\s@<>,;]+@[^\s@<>,;]+$/;
const split = (text) => text.split(/[,;\n]/).map((each) => each.trim()).filter(Boolean);
const bare = (text) => (/<([^<>]+)>\s*$/.exec(text)?.[1] ?? text).trim();
const nameOf = (address) => find(`#known-people option[value="${CSS.escape(address)}"]`)?.textContent || address;
const partsOf = (field) => field.parentNode.querySelector(".pieces");

// Draws the pieces of every recipient field of a form from what the fields hold.
export function showPeople(form) {
  for (const field of findAll("[data-people] input[name]", form)) {
    if (!partsOf(field)) enhance(field);
    draw(field);
  }
  const copies = find(".copies", form);
  if (copies && (form.elements.cc?.value || form.elements.bcc?.value)) copies.open = true;
  const all = find("[data-everybody]", form);
  if (all) all.setAttribute("aria-pressed", String(split(all.dataset.everybody).every((each) => form.elements.cc.value.includes(each))));
}

function enhance(field) {
  const pieces = build('<span class="pieces"></span>').firstElementChild, entry = document.createElement("input");
  for (const name of ["list", "autocomplete", "spellcheck", "inputmode", "placeholder"]) if (field.hasAttribute(name)) entry.setAttribute(name, field.getAttribute(name));
  field.type = "hidden";
  field.removeAttribute("list");
  pieces.append(entry);
  field.after(pieces);
  const take = () => { if (entry.value.trim()) put(field, [...split(field.value), ...split(entry.value).map(bare)]); entry.value = ""; };
  entry.addEventListener("keydown", (event) => {
    if (event.key === "Backspace" && !entry.value) {
      const left = split(field.value), last = left.pop();
      if (!last) return;
      event.preventDefault();
      put(field, left);
      entry.value = last;
    } else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "," || event.key === ";") {
      event.preventDefault();
      take();
    }
  });
  entry.addEventListener("input", (event) => {
    event.stopPropagation();
    if (/[,;\n]/.test(entry.value) || event.inputType === "insertReplacementText") take();
  });
  entry.addEventListener("change", take);
  entry.addEventListener("blur", take);
}

function put(field, addresses) {
  field.value = [...new Set(addresses)].join(", ");
  draw(field);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function draw(field) {
  const place = partsOf(field), entry = find("input", place);
  const addresses = split(field.value);
  for (const each of findAll(".piece", place)) each.remove();
  for (const address of addresses) {
    const piece = document.createElement("span"), button = document.createElement("button");
    piece.className = ADDRESS.test(address) ? "chip piece" : "chip late piece";
    piece.title = address;
    piece.textContent = nameOf(address);
    button.type = "button";
    button.textContent = "×";
    button.setAttribute("aria-label", words("remove", { name: nameOf(address) }));
    button.addEventListener("click", () => { put(field, split(field.value).filter((each) => each !== address)); entry.focus(); });
    piece.append(button);
    entry.before(piece);
  }
  entry.placeholder = addresses.length ? "" : field.placeholder;
}

export function replyToAll(form, on = true) {
  const all = form && find("[data-everybody]", form), cc = form?.elements.cc;
  if (!all || !cc) return;
  const others = split(all.dataset.everybody), now = split(cc.value).filter((each) => !others.includes(each));
  put(cc, on ? [...now, ...others] : now);
  showPeople(form);
}

export function keepPeople() {
  document.addEventListener("click", (event) => {
    const all = event.target.closest?.("[data-everybody]");
    if (all) replyToAll(all.closest("form"), all.getAttribute("aria-pressed") !== "true");
  });
}
