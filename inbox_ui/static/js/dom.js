// Small tools for the page: find, build, replace without losing the reader's place.

// Our own server draws every part; nothing else is ever made into elements.
const policy = globalThis.trustedTypes?.createPolicy("hubbub", { createHTML: (html) => html });

export const find = (selector, within = document) => within.querySelector(selector);
export const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];
export const desk = () => find(".desk");
export const openedId = () => find("#talk")?.dataset.id || null;

export function build(html) {
  const template = document.createElement("template");
  template.innerHTML = policy ? policy.createHTML(html) : html;
  return template.content;
}

// Replaces an element; whoever had the focus in it has it again in what takes its place.
// `inside`: only what is in it, so that it stays what the address points at (:target).
export function replace(old, fresh, { inside = false } = {}) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.closest("[data-key]")?.dataset.key;
  const open = findAll("details[open]", old).map((each) => each.className);
  if (inside) {
    old.replaceChildren(...fresh.childNodes);
    fresh = old;
  } else old.replaceWith(fresh);
  for (const name of open) for (const each of findAll("details", fresh)) if (each.className === name) each.open = true;
  if (!focused) return;
  const same = (key && find(`[data-key="${CSS.escape(key)}"]`, fresh)) || (focused.id && document.getElementById(focused.id));
  (same || (fresh.matches?.("a, button, [tabindex]") ? fresh : find("a, button, [tabindex]", fresh)))?.focus({ preventScroll: true });
}

// A menu that is open in what gets replaced is opened again in what takes its place, at the same line.
export function menuIn(old) {
  const menu = find(".menu:popover-open", old), at = document.activeElement;
  const line = menu?.contains(at) ? at : null, filled = menu && findAll("input:not([type=hidden])", menu).map((each) => [each.name, each.value]);
  return () => {
    const again = menu && document.getElementById(menu.id);
    if (!again || again.matches(":popover-open")) return;
    again.showPopover();
    for (const [name, value] of filled) if (find(`input[name="${name}"]`, again)) find(`input[name="${name}"]`, again).value = value;
    if (line) findAll(line.localName, again).find((each) => each.name === line.name && each.textContent === line.textContent)?.focus();
  };
}

export const isTyping = (target) => Boolean(target?.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]"));

export async function ask(url, options = {}) {
  const send = () => fetch(url, { ...options, headers: { "X-Part": "1", ...options.headers }, redirect: "follow" });
  const answer = await send();
  // The page outlived the session it was drawn in, and somebody has signed in here since: once more, with today's token.
  const token = answer.status === 403 && answer.headers.get("X-Form-Token");
  if (!token || !(options.body instanceof URLSearchParams)) return answer;
  document.body.dataset.formToken = token;
  for (const field of findAll("[name=csrf]")) field.value = token;
  options.body.set("csrf", token);
  return send();
}
