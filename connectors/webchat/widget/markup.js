// What was written, as elements: paragraphs, lists, a few marks, links that can only lead to the web.
import { el } from "./dom.js";

const MARKS =
  /(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)|\*\*(?=\S)([\s\S]*?\S)\*\*|~~(?=\S)([\s\S]*?\S)~~|(?<![\w*])[*_](?=\S)([^*_]*?[^\s*_])[*_](?![\w*])|\[([^\]]+)\]\(<?(https?:\/\/[^\s)>]+)>?\)|\\([\\`*_~[\]()#>+\-.!])/;
const LINK = /(?:https?:\/\/|www\.)[^\s<>"']*[^\s<>"'.,:;!?)\]}…]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+/i;

export function written(text, marked) {
  const parts = marked ? blocks(text) : [el("p", {}, linked(text))];
  return parts.length ? parts : [el("p")];
}

function blocks(text) {
  const made = [];
  for (const block of text.split(/\n{2,}/)) {
    let list = null;
    let lines = [];
    const end = () => {
      if (lines.length) made.push(el("p", {}, inline(lines.join("\n"))));
      lines = [];
    };
    for (const line of block.split("\n")) {
      const item = /^\s*(?:([-*+])|(\d{1,3})[.)])\s+(.*)$/.exec(line);
      if (!item) {
        list = null;
        lines.push(line.replace(/^#{1,6}\s+/, "").replace(/^>\s?/, ""));
        continue;
      }
      end();
      const kind = item[1] ? "ul" : "ol";
      if (list?.localName !== kind) made.push((list = el(kind, item[2] ? { start: item[2] } : {})));
      list.append(el("li", {}, inline(item[3])));
    }
    end();
  }
  return made;
}

function inline(text) {
  const found = MARKS.exec(text);
  if (!found) return linked(text);
  const [whole, , code, strong, struck, soft, label, address, escaped] = found;
  const before = linked(text.slice(0, found.index));
  let mark;
  if (code !== undefined) mark = el("code", {}, code);
  else if (strong !== undefined) mark = el("strong", {}, inline(strong));
  else if (struck !== undefined) mark = el("s", {}, inline(struck));
  else if (soft !== undefined) mark = el("em", {}, inline(soft));
  else if (address !== undefined) mark = link(address, label);
  else mark = escaped;
  return [...before, mark, ...inline(text.slice(found.index + whole.length))];
}

function linked(text) {
  const found = LINK.exec(text);
  if (!found) return text ? [text] : [];
  const [address] = found;
  const to = address.includes("@") && !/^https?:|^www\./i.test(address) ? `mailto:${address}` : address.replace(/^www\./i, "https://$&");
  return [text.slice(0, found.index), link(to, address), ...linked(text.slice(found.index + address.length))];
}

function link(address, label) {
  let to;
  try {
    to = new URL(address);
  } catch {
    return label;
  }
  if (!["https:", "http:", "mailto:"].includes(to.protocol)) return label;
  return el("a", { href: to.href, target: "_blank", rel: "noopener noreferrer nofollow" }, label);
}
