// Beside the conversation: fields are saved when they are left, Escape puts back what was there.
import { ask, find, findAll } from "./dom.js";

export function keepPerson() {
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.matches("[data-on-change]") && event.target.reportValidity()) form.requestSubmit();
  });
  document.addEventListener("keydown", (event) => {
    const field = event.target.closest?.("[data-on-change] .in-place");
    if (!field) return;
    if (event.key === "Escape") field.value = field.defaultValue ?? field.value;
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey || field.tagName === "INPUT")) field.blur();
    else return;
    if (event.key === "Enter") event.preventDefault();
  }, true);
  document.addEventListener("focusin", (event) => { if (event.target.matches?.("[data-tags]")) suggest(); });
}

// The tags there are, for the field in which one is written.
async function suggest() {
  const list = find("#known-tags");
  if (!list || list.childElementCount) return;
  const answer = await ask("/desk/tags").catch(() => null);
  if (!answer?.ok) return;
  const there = new Set(findAll(".tags [name=name][value]").map((each) => each.value));
  list.replaceChildren(...(await answer.json()).filter((name) => !there.has(name)).map((name) => new Option(name, name)));
}
