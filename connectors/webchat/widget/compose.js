// Where the visitor writes: text that grows, files by button, drop or paste, emoji.
import { el, fill, show } from "./dom.js";
import { emojiGrid } from "./emoji.js";
import { icon } from "./icons.js";

const TALLEST = 140;

export class Composer {
  constructor(settings, talk, { said }) {
    Object.assign(this, { settings, talk, said, files: [], mode: null });
    this.words = settings.texts;
    this.element = this.draw();
    this.restore();
  }

  draw() {
    const words = this.words;
    this.text = el("textarea", {
      rows: 1,
      placeholder: words.write,
      "aria-label": words.write,
      oninput: () => this.typed(),
      onkeydown: (event) => this.key(event),
      onpaste: (event) => this.pasted(event),
      onblur: () => this.talk.wrote(false),
    });
    this.chosen = el("input", { type: "file", multiple: true, hidden: true, onchange: () => this.choose() });
    this.tray = el("ul.tray", { hidden: true });
    this.about = el("div.about", { hidden: true });
    this.problem = el("p.problem", { role: "alert", hidden: true });
    this.emoji = emojiGrid(words.emoji, (each) => this.insert(each));
    this.emojiButton = this.tool("emoji", words.emoji, () => this.toggleEmoji());
    this.emojiButton.setAttribute("aria-expanded", "false");
    this.attach = this.settings.largestFile ? this.tool("attach", words.attach, () => this.chosen.click()) : null;
    this.button = el("button.send", { type: "submit", "aria-label": words.send, title: words.send }, icon("send"));
    return el(
      "form.compose",
      { onsubmit: (event) => (event.preventDefault(), this.send()), onkeydown: (event) => this.leave(event) },
      this.problem,
      this.emoji,
      this.tray,
      this.about,
      el("div.write", {}, this.text, el("div.tools", {}, this.attach, this.emojiButton, this.button)),
      this.chosen,
    );
  }

  tool(name, label, pressed) {
    return el("button.tool", { type: "button", "aria-label": label, title: label, onclick: pressed }, icon(name));
  }

  focus() {
    this.text.focus({ preventScroll: true });
  }

  restore() {
    this.text.value = this.talk.store.get("draft", true) ?? "";
    this.grow();
  }

  typed() {
    this.grow();
    if (!this.mode?.change) this.talk.store.set("draft", this.text.value || null, true);
    this.talk.wrote(this.text.value.trim() !== "");
    const over = this.text.value.length > this.settings.longestText;
    this.complain(over ? fill(this.words.too_long, { most: this.settings.longestText }) : "");
  }

  grow() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(TALLEST, this.text.scrollHeight)}px`;
    this.ready();
  }

  ready() {
    const busy = this.files.some((each) => each.busy);
    const something = this.text.value.trim() || this.files.length || this.mode?.change?.files;
    this.button.setAttribute("aria-disabled", String(!something || busy));
    return something && !busy;
  }

  /** Escape closes the emoji before it closes the window. */
  leave(event) {
    if (event.key !== "Escape" || (this.emoji.hidden && !this.mode)) return;
    event.stopPropagation();
    if (this.emoji.hidden) this.end();
    else this.toggleEmoji();
  }

  // What is answered, or changed

  answer(line, who) {
    this.end();
    this.enter({ answer: line }, "reply", fill(this.words.answers, { name: who }), line.text);
  }

  change(line) {
    this.end();
    this.enter({ change: line, draft: this.text.value }, "edit", this.words.changing, line.text);
    this.text.value = line.text;
    this.grow();
  }

  enter(mode, name, title, text) {
    this.mode = mode;
    const cancel = el("button.tool", { type: "button", "aria-label": this.words.cancel, title: this.words.cancel, onclick: () => this.end() }, icon("close"));
    this.about.replaceChildren(icon(name), el("p", {}, el("b", {}, title), el("span", {}, text ?? "")), cancel);
    show(this.about, true);
    this.dress();
    this.focus();
  }

  end() {
    if (!this.mode) return;
    if (this.mode.change) this.text.value = this.mode.draft;
    this.mode = null;
    show(this.about, false);
    this.dress();
    this.complain("");
    this.grow();
    this.focus();
  }

  dress() {
    const changes = Boolean(this.mode?.change);
    if (this.attach) show(this.attach, !changes);
    const label = changes ? this.words.change_save : this.words.send;
    this.button.setAttribute("aria-label", label);
    this.button.title = label;
  }

  async save() {
    const { change } = this.mode;
    try {
      await this.talk.change({ type: "edited", line: change.id, text: this.text.value.trim() });
      this.end();
    } catch (problem) {
      this.failed(problem);
    }
  }

  /** What was there could not be changed. */
  failed(problem) {
    const words = { too_late: this.words.change_late, line: this.words.change_late, too_fast: this.words.too_fast };
    this.complain(words[problem.code] ?? this.words.change_failed);
  }

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.send();
  }

  send() {
    if (!this.ready() || this.text.value.length > this.settings.longestText) return;
    if (this.mode?.change) return this.save();
    const files = this.files.map(({ id, name, mime, size }) => ({ id, name, mime, size }));
    this.said(this.text.value.trim(), files, this.mode?.answer);
    this.text.value = "";
    this.end();
    this.files = [];
    this.talk.store.set("draft", null, true);
    this.talk.wrote(false);
    this.complain("");
    this.list();
    this.grow();
    show(this.emoji, false);
    this.emojiButton.setAttribute("aria-expanded", "false");
    this.focus();
  }

  insert(what) {
    this.text.setRangeText(what, this.text.selectionStart, this.text.selectionEnd, "end");
    this.typed();
  }

  toggleEmoji() {
    const opens = this.emoji.hidden;
    show(this.emoji, opens);
    this.emojiButton.setAttribute("aria-expanded", String(opens));
    if (opens) this.emoji.querySelector('[tabindex="0"]').focus();
    else this.focus();
  }

  // Files

  choose() {
    this.take([...this.chosen.files]);
    this.chosen.value = "";
  }

  pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.take(files);
  }

  take(files) {
    if (!this.settings.largestFile || this.mode?.change) return;
    this.complain("");
    for (const file of files) {
      if (this.files.length >= this.settings.filesMost) return;
      if (file.size > this.settings.largestFile * 1048576) {
        this.complain(fill(this.words.file_large, { name: file.name, most: this.settings.largestFile }));
        continue;
      }
      const one = { name: file.name, mime: file.type, size: file.size, busy: true };
      this.files.push(one);
      this.upload(one, file);
    }
    this.list();
  }

  async upload(one, file) {
    try {
      Object.assign(one, await this.talk.upload(file), { busy: false });
    } catch (problem) {
      this.files = this.files.filter((each) => each !== one);
      const words = problem.status === 413 ? this.words.file_large : this.words.file_refused;
      this.complain(fill(words, { name: file.name, most: this.settings.largestFile }));
    }
    this.list();
  }

  list() {
    this.tray.replaceChildren(
      ...this.files.map((each) =>
        el(
          each.busy ? "li.busy" : "li",
          {},
          icon("file"),
          el("span", {}, each.name),
          el(
            "button.tool",
            {
              type: "button",
              "aria-label": fill(this.words.remove, { name: each.name }),
              onclick: () => {
                this.files = this.files.filter((other) => other !== each);
                this.list();
                this.focus();
              },
            },
            icon("close"),
          ),
        ),
      ),
    );
    show(this.tray, this.files.length > 0);
    this.ready();
  }

  complain(words) {
    this.problem.textContent = words;
    show(this.problem, words !== "");
  }
}
