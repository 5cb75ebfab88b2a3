// What was said, drawn: bubbles by who spoke, days, files, what became of each message.
import { Acts } from "./acts.js";
import { el, fill, show } from "./dom.js";
import { icon } from "./icons.js";
import { written } from "./markup.js";
import { clockTime, dayName, dayOf, size } from "./times.js";

const LIT = 1600; // ms that a line stays marked that was looked for
const TOGETHER = 5 * 60000; // lines of one speaker within this time stand as one

export class Talk {
  constructor(settings, talk, greeting, { picked, answer, change, failed }) {
    Object.assign(this, { settings, talk, greeting, picked });
    this.words = settings.texts;
    this.acts = new Acts(settings, talk, { answer, change, failed, drawn: (back) => (this.draw(), back && this.focus(back)) });
    this.drawn = new Map();
    this.newFrom = null;
    this.earlier = el("button.earlier", { type: "button", hidden: true, onclick: () => this.before() }, this.words.earlier);
    this.list = el("ol.list");
    this.typist = el("p.typist", { hidden: true }, el("i.dots", { "aria-hidden": "true" }, el("i"), el("i"), el("i")), el("span"));
    // Spoken by a region of its own: a log would repeat what is only drawn anew.
    this.element = el("div.talk", { tabindex: 0, role: "region", "aria-label": settings.title }, this.earlier, this.list, this.typist);
  }

  /** What waits to be sent stands below what the hub has, in its order. */
  all() {
    const waiting = this.talk.waiting.map((each) => ({ ...each, waits: true }));
    return [...this.talk.sorted(), ...waiting];
  }

  draw() {
    const stays = this.atEnd();
    const root = this.element.getRootNode();
    const held = root.activeElement?.closest?.(".line[data-key]")?.dataset.key;
    const nodes = [el("li.line.us", {}, el("div.bubble", {}, written(this.greeting, false)))];
    const lines = this.all();
    const lastOwn = lines.findLast((each) => !each.ours && !each.waits && !each.deleted);
    const newest = lines.at(-1);
    lines.forEach((line, number) => {
      const before = lines[number - 1];
      const after = lines[number + 1];
      if (!before || dayOf(before.at) !== dayOf(line.at)) nodes.push(this.day(line.at));
      if (line.id === this.newFrom) nodes.push(el("li.fresh", {}, this.words.new));
      nodes.push(this.node(line, !this.joined(before, line), !this.joined(line, after), line === lastOwn));
      if (line.id === this.acts.open && !line.deleted) nodes.push(this.acts.row(line));
    });
    if (newest?.choices && !newest.deleted) nodes.push(this.choices(newest));
    reconcile(this.list, nodes);
    show(this.earlier, this.talk.more);
    this.drawTypist();
    if (held && !root.activeElement) this.focus(held);
    if (stays) this.toEnd();
  }

  /** Where one was, when what was there is drawn anew. */
  focus(id) {
    this.at(id)?.querySelector(".act")?.focus({ preventScroll: true });
  }

  at(id) {
    return this.list.querySelector(`[data-key="${CSS.escape(id.slice(id.lastIndexOf("/") + 1))}"]`);
  }

  drawTypist() {
    const typist = this.talk.typist;
    const words = typist?.name ? fill(this.words.typing, { name: typist.name }) : this.words.typing_somebody;
    this.typist.lastChild.textContent = typist ? words : "";
    show(this.typist, Boolean(typist));
  }

  joined(one, other) {
    if (!one || !other || dayOf(one.at) !== dayOf(other.at) || other.id === this.newFrom) return false;
    return Boolean(one.ours) === Boolean(other.ours) && one.name === other.name && other.at - one.at < TOGETHER;
  }

  /** Answers to tap on: below the newest line alone, and gone once anything is said. */
  choices({ id, choices, name }) {
    const key = `c${id}`;
    const known = this.drawn.get(key);
    if (known) return known.node;
    const buttons = choices.map((each) => el("button", { type: "button", onclick: () => this.picked(each) }, each));
    const node = el("li", { "data-key": key }, el("div.choices", { role: "group", "aria-label": name || this.words.us }, buttons));
    this.drawn.set(key, { node });
    return node;
  }

  day(at) {
    return el("li.day", { "data-key": `d${dayOf(at)}` }, el("span", {}, dayName(at, this.settings.locale, this.words)));
  }

  /** The same element as before where nothing changed: what is selected or heard stays so. */
  node(line, first, last, newestOwn) {
    const state = this.stateOf(line, newestOwn);
    const quote = line.quote && this.asItIsNow(line.quote);
    const mark = JSON.stringify([line, first, last, state, quote, line.id === this.acts.open]);
    const key = line.id.slice(line.id.lastIndexOf("/") + 1); // the same before and after the hub has it
    const known = this.drawn.get(key);
    if (known?.mark === mark) return known.node;
    const node = this.line({ ...line, quote }, first, last, state);
    node.dataset.key = key;
    this.drawn.set(key, { mark, node });
    return node;
  }

  stateOf(line, newestOwn) {
    if (line.failed) return "failed";
    if (line.waits) return "sending";
    if (!newestOwn || line.ours) return "";
    return this.talk.readAt !== null && line.at <= this.talk.readAt ? "read" : "sent";
  }

  line(line, first, last, state) {
    const words = this.words;
    const who = line.ours ? line.name || words.us : words.you;
    const body = line.deleted
      ? [el("p.gone", {}, words.deleted)]
      : [line.quote && this.quote(line.quote), line.text && written(line.text, line.marked), ...(line.files ?? []).map((file) => this.file(file))];
    const foot = [clockTime(line.at, this.settings.locale)];
    if (line.edited) foot.push(words.edited);
    if (state && state !== "failed") foot.push(words[state]);
    const shownFoot = last || state || line.edited;
    const marks = line.deleted ? [] : [...new Set([...(line.reactions ?? []), line.reaction].filter(Boolean))];
    return el(
      `li.line.${line.ours ? "us" : "them"}${first ? ".first" : ""}${last ? ".last" : ""}${state === "sending" ? ".waits" : ""}`,
      {},
      first && line.ours ? el("span.who", {}, who) : el("span.unseen", {}, `${who}: `),
      el("div.holds", {}, el("div.bubble", {}, ...body.flat()), !line.waits && !line.deleted && this.acts.button(line, who)),
      marks.length > 0 && el("span.marks", { role: "img", "aria-label": fill(words.reactions, { emoji: marks.join(" ") }) }, marks.map((each) => el("span", {}, each))),
      state === "failed" ? this.failed(line) : shownFoot && el("span.foot", {}, foot.join(" · ")),
    );
  }

  /** What is answered may have been changed since, or taken back. */
  asItIsNow(quote) {
    const known = this.talk.lines.get(quote.id);
    return known ? quoteOf(known) : quote;
  }

  quote({ id, ours, name, text, deleted }) {
    const who = ours ? name || this.words.us : this.words.you;
    const said = deleted ? this.words.deleted : text;
    const label = `${fill(this.words.answers, { name: who })}: ${said}`;
    return el("button.quote", { type: "button", "aria-label": label, onclick: () => this.find(id) }, el("b", {}, who), el("span", {}, said));
  }

  find(id) {
    const line = this.at(id);
    if (!line) return;
    line.scrollIntoView({ block: "center" });
    line.classList.add("lit");
    setTimeout(() => line.classList.remove("lit"), LIT);
  }

  failed(line) {
    const words = this.words;
    return el(
      "span.foot.failed",
      {},
      icon("warn"),
      words.not_sent,
      el("button", { type: "button", onclick: () => this.talk.again(line.id) }, words.again),
      el("button", { type: "button", onclick: () => this.talk.discard(line.id) }, words.discard),
    );
  }

  file(file) {
    const address = file.url && new URL(file.url, this.talk.base).href;
    if (file.picture && address) {
      const picture = el("img", {
        src: address,
        alt: fill(this.words.picture, { name: file.name }),
        loading: "lazy",
        onload: () => this.atEnd(200) && this.toEnd(),
      });
      return el("a.picture", { href: address, target: "_blank", rel: "noopener" }, picture);
    }
    const inside = [icon("file"), el("span", {}, el("b", {}, file.name), el("small", {}, size(file.size, this.settings.locale)))];
    if (!address) return el("span.file", {}, ...inside);
    const label = fill(this.words.download, { name: file.name });
    return el("a.file", { href: address, target: "_blank", rel: "noopener", download: file.name, "aria-label": label }, ...inside);
  }

  atEnd(slack = 60) {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < slack;
  }

  toEnd() {
    this.element.scrollTop = this.element.scrollHeight;
  }

  async before() {
    const { scrollHeight, scrollTop } = this.element;
    try {
      await this.talk.earlier();
    } catch {
      return; // the button is still there
    }
    this.element.scrollTop = scrollTop + this.element.scrollHeight - scrollHeight;
  }
}

/** A line as it is shown above what answers it. */
export function quoteOf({ id, ours, name, text, files, deleted }) {
  const words = (text || (files ?? []).map((file) => file.name).join(", ") || "").replace(/\s+/g, " ");
  return { id, ours: Boolean(ours), name, text: deleted ? undefined : words.length > 160 ? `${words.slice(0, 159)}…` : words, deleted };
}

/** Put these nodes into a list, leaving alone those that stand where they belong. */
function reconcile(list, nodes) {
  let at = list.firstChild;
  for (const node of nodes) {
    if (at && (at === node || at.isEqualNode(node))) at = at.nextSibling;
    else if (node.isConnected || !at?.dataset?.key || at.dataset.key !== node.dataset.key) list.insertBefore(node, at);
    else {
      const next = at.nextSibling;
      at.replaceWith(node);
      at = next;
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}
