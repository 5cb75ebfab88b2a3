// Menus by keyboard: arrows go through them, letters find the line with a word that begins so.
import { find, findAll, isTyping } from "./dom.js";

const FORGOTTEN_AFTER = 1500; // ms between two letters of one word
let typed = "", at = 0;

// What a line says, without the face before it.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
const said = (item) => plain([...item.childNodes].filter((each) => !each.classList?.contains("face")).map((each) => each.textContent).join(" "));

function seek(items, letter) {
  typed = Date.now() - at < FORGOTTEN_AFTER ? typed + letter : letter;
  at = Date.now();
  const wanted = plain(typed);
  return items.find((each) => said(each).startsWith(wanted)) ?? items.find((each) => said(each).split(/[\s·]+/).some((word) => word.startsWith(wanted)));
}

export function keepMenus() {
  document.addEventListener("keydown", (event) => {
    const menu = find(".menu:popover-open");
    if (!menu || event.defaultPrevented || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const items = findAll("button:not(:disabled), a", menu).filter((each) => each.checkVisibility()), now = items.indexOf(document.activeElement);
    let next = null;
    if (event.key === "ArrowDown" || event.key === "ArrowRight") next = items[(now + 1) % items.length];
    else if (event.key === "ArrowUp" || event.key === "ArrowLeft") next = items.at(now < 0 ? -1 : now - 1);
    else if (event.key === "Home") next = items[0];
    else if (event.key === "End") next = items.at(-1);
    else if (/^[\p{L}\p{N}]$/u.test(event.key)) next = seek(items, event.key);
    else return;
    event.preventDefault();
    next?.focus();
  });
}
