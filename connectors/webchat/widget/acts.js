// What can be done with one message: answer it, react to it, change it, take it back. Below it, once asked for.
import { el, fill } from "./dom.js";
import { icon } from "./icons.js";

export class Acts {
  /** `answer(line)` and `change(line)` lead to where one writes; `failed(words)` says what went wrong. */
  constructor(settings, talk, { answer, change, failed, drawn }) {
    Object.assign(this, { settings, talk, answer, change, failed, drawn, words: settings.texts, open: null });
  }

  button(line, who) {
    const label = fill(this.words.options, { name: who });
    return el(
      "button.act",
      { type: "button", "aria-label": label, title: this.words.menu, "aria-expanded": String(this.open === line.id), onclick: () => this.toggle(line.id) },
      icon("more"),
    );
  }

  toggle(id) {
    this.open = this.open === id ? null : id;
    this.sure = false;
    this.drawn(this.open === null ? id : null);
    if (this.open) this.node.querySelector("button").focus();
  }

  close() {
    if (this.open !== null) this.toggle(this.open);
  }

  /** Whether what they wrote may still be changed. */
  may(line) {
    return !line.ours && Date.now() - line.at < this.settings.changeWithin;
  }

  row(line) {
    const may = this.may(line);
    const mark = JSON.stringify([line.id, line.reaction, may, this.sure]);
    if (mark === this.mark) return this.node;
    this.mark = mark;
    const words = this.words;
    const emoji = line.ours ? this.settings.emoji.map((each) => this.emoji(line, each)) : [];
    this.node = el(
      `li.acts.${line.ours ? "us" : "them"}`,
      { "data-key": `a${line.id}`, onkeydown: (event) => this.key(event) },
      emoji.length ? el("div.emojis", { role: "group", "aria-label": words.react }, emoji) : null,
      this.item("reply", words.reply, () => (this.close(), this.answer(line))),
      may && line.text ? this.item("edit", words.change, () => (this.close(), this.change(line))) : null,
      may ? this.item("forget", this.sure ? words.take_back_sure : words.take_back, () => this.takeBack(line)) : null,
    );
    return this.node;
  }

  item(name, label, pressed) {
    return el("button.item", { type: "button", onclick: pressed }, icon(name), el("span", {}, label));
  }

  emoji(line, each) {
    const on = line.reaction === each;
    const label = fill(on ? this.words.unreact_with : this.words.react_with, { emoji: each });
    return el("button.one", { type: "button", "aria-label": label, "aria-pressed": String(on), onclick: () => this.send({ type: "reacted", line: line.id, emoji: on ? "" : each }) }, each);
  }

  takeBack(line) {
    if (this.sure) return this.send({ type: "deleted", line: line.id });
    this.sure = true;
    this.drawn(null);
    this.node.lastChild.focus();
  }

  async send(event) {
    this.close();
    try {
      await this.talk.change(event);
    } catch (problem) {
      this.failed(problem);
    }
  }

  key(event) {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.close();
  }
}
