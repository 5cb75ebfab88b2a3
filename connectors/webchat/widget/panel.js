// The button and the window it opens: what is shown when, the keyboard, what is read aloud.
import { Asks } from "./asks.js";
import { Composer } from "./compose.js";
import { el, fill, show } from "./dom.js";
import { icon } from "./icons.js";
import { ring, unlock } from "./sound.js";
import { Talk, quoteOf } from "./talk.js";
import { opening } from "./times.js";

const PHONE = "(max-width: 480px), (max-height: 480px)";

export class Panel {
  constructor(settings, talk, said) {
    Object.assign(this, { settings, talk, said, words: settings.texts, opened: false });
    this.spokenFirst = talk.store.get("spoken", true) ?? ""; // on an earlier page of this visit
    this.greeting = this.spokenFirst || settings.texts.greeting;
    this.phone = matchMedia(PHONE);
    this.view = new Talk(settings, talk, this.greeting, {
      picked: (text) => (this.write(text, []), this.composer.focus()),
      answer: (line) => this.composer.answer(line, line.ours ? line.name || this.words.us : this.words.you),
      change: (line) => this.composer.change(line),
      failed: (problem) => this.composer.failed(problem),
    });
    this.composer = new Composer(settings, talk, { said: (text, files, answered) => this.write(text, files, answered) });
    this.host = el("hubbub-chat");
    const root = this.host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    root.append(this.draw());
    this.dress();
    this.listen();
    document.body.append(this.host);
    this.refresh();
  }

  // Drawing

  draw() {
    const words = this.words;
    this.badge = el("span.badge", { hidden: true, "aria-hidden": "true" });
    this.launcher = el(
      "button.launcher",
      { type: "button", "aria-haspopup": "dialog", "aria-expanded": "false", onclick: () => this.toggle() },
      icon("chat"),
      icon("down"),
      this.badge,
    );
    this.teaser = el("div.teaser", { hidden: true });
    this.spoken = el("div.unseen", { "aria-live": "polite" });
    this.notice = el("p.notice", { role: "status", hidden: true });
    this.sub = el("p.sub");
    this.asks = new Asks(this);
    this.drop = el("div.drop", { hidden: true }, words.drop);
    this.menu = this.drawMenu();
    const close = el("button.tool", { type: "button", "aria-label": words.close, title: words.close, onclick: () => this.close() }, icon("close"));
    this.window = el(
      "section.panel",
      { role: "dialog", "aria-label": this.settings.title, hidden: true, tabindex: -1 },
      el("header", {}, el("div.title", {}, el("h2", {}, this.settings.title), this.sub), this.menu, close),
      this.notice,
      this.view.element,
      this.asks.element,
      this.composer.element,
      this.drop,
    );
    this.root = el(`div.root.${this.settings.side}`, { lang: this.settings.language }, this.window, this.teaser, this.launcher, this.spoken);
    return this.root;
  }

  drawMenu() {
    const words = this.words;
    const item = (name, label, pressed) => el("button", { type: "button", onclick: () => ((menu.open = false), summary.focus(), pressed()) }, icon(name), el("span", {}, label));
    const summary = el("summary.tool", { "aria-label": words.menu, title: words.menu }, icon("more"));
    this.soundItem = item("sound", words.mute, () => this.sound());
    const menu = el("details.menu", {}, summary, el("div.items", {}, item("download", words.transcript, () => this.transcript()), this.soundItem, item("forget", words.forget, () => this.asks.forget())));
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      event.stopPropagation();
      menu.open = false;
      summary.focus();
    });
    menu.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
    });
    return menu;
  }

  /** The colour of the house, with what can be read on it. */
  dress() {
    const colour = this.settings.colour;
    const [red, green, blue] = [1, 3, 5].map((at) => channel(parseInt(colour.slice(at, at + 2), 16) / 255));
    const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    this.root.style.setProperty("--own", colour);
    this.root.style.setProperty("--on-own", 1.05 / (light + 0.05) >= 4.5 ? "#fff" : "#15171c");
    if (this.settings.theme !== "auto") this.root.dataset.theme = this.settings.theme;
  }

  // What happens

  listen() {
    this.talk.addEventListener("lines", () => this.refresh());
    this.talk.addEventListener("you", () => this.refresh());
    this.talk.addEventListener("unread", () => this.count());
    this.talk.addEventListener("link", () => this.tell(this.talk.connected ? "" : this.words.offline));
    this.talk.addEventListener("tooFast", () => this.composer.complain(this.words.too_fast));
    this.talk.addEventListener("sent", () => this.composer.complain(""));
    this.talk.addEventListener("refused", ({ detail }) => this.tell(detail === "sign_in" ? this.words.sign_in : this.words.refused));
    this.talk.addEventListener("message", ({ detail }) => this.heard(detail));
    document.addEventListener("visibilitychange", () => this.talk.look(this.opened));
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("pointerdown", unlock, { once: true });
    this.root.addEventListener("pointerdown", (event) => {
      if (this.menu.open && !this.menu.contains(event.target)) this.menu.open = false;
    });
    for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) this.window.addEventListener(kind, (event) => this.dragged(kind, event));
    this.phone.addEventListener("change", () => this.cover());
    window.visualViewport?.addEventListener("resize", () => this.fit());
    window.visualViewport?.addEventListener("scroll", () => this.fit());
  }

  key(event) {
    if (event.key === "Escape" && this.opened) {
      event.stopPropagation();
      this.close();
    }
    if (event.key !== "Tab" || !this.opened || !this.phone.matches) return;
    const stops = [...this.window.querySelectorAll("button, textarea, input:not([type=file]), a[href], summary, [tabindex='0']")].filter((each) => each.offsetParent);
    const [first, last] = [stops[0], stops.at(-1)];
    const at = this.host.shadowRoot.activeElement;
    if (event.shiftKey ? at === first || at === this.window : at === last) {
      event.preventDefault();
      (event.shiftKey ? last : first).focus();
    }
  }

  dragged(kind, event) {
    if (!event.dataTransfer?.types.includes("Files") || !this.settings.largestFile || this.asks.open()) return;
    event.preventDefault();
    show(this.drop, kind === "dragenter" || kind === "dragover");
    if (kind === "drop") this.composer.take([...event.dataTransfer.files]);
  }

  heard(line) {
    const name = line.name || this.words.us;
    this.spoken.textContent = `${name}: ${line.text || (line.files ?? []).map((each) => each.name).join(", ")}`;
    const looks = this.opened && document.visibilityState === "visible";
    if (!looks && !this.talk.store.get("muted")) ring();
    if (!this.opened) this.tease(line.text, name, () => this.open());
    this.said("message", { text: line.text, name });
  }

  write(text, files, answered) {
    if (this.settings.consent === "chat") this.talk.store.allow(true);
    const greeting = this.talk.begun ? "" : (this.spokenFirst ?? "");
    this.view.newFrom = null;
    this.talk.write(text, files, greeting, answered && quoteOf(answered));
    this.view.toEnd();
    this.said("sent", { text });
  }

  // Open and closed

  toggle() {
    if (this.opened) this.close();
    else this.open();
  }

  open() {
    if (this.opened) return;
    this.opened = true;
    this.view.newFrom = this.talk.unread[0]?.id ?? null;
    show(this.window, true);
    show(this.teaser, false);
    this.launcher.setAttribute("aria-expanded", "true");
    this.talk.store.set("open", true, true);
    this.cover();
    this.refresh();
    this.view.toEnd();
    this.talk.look(true);
    if (!this.phone.matches && !this.asks.open()) this.composer.focus();
    else ((!this.phone.matches && this.asks.element.querySelector("input")) || this.window).focus({ preventScroll: true });
    this.composer.grow();
    this.said("open");
  }

  close() {
    if (!this.opened) return;
    this.opened = false;
    show(this.window, false);
    this.launcher.setAttribute("aria-expanded", "false");
    this.talk.store.set("open", null, true);
    this.talk.look(false);
    this.cover();
    this.count();
    this.launcher.focus({ preventScroll: true });
    this.said("close");
  }

  /** On a phone it is the whole screen, and the page behind stands still. */
  cover() {
    const covers = this.opened && this.phone.matches;
    this.window.setAttribute("aria-modal", String(covers));
    const style = document.documentElement.style;
    if (covers && this.scrolled === undefined) {
      this.scrolled = style.overflow;
      style.overflow = "hidden";
    } else if (!covers && this.scrolled !== undefined) {
      style.overflow = this.scrolled;
      this.scrolled = undefined;
    }
    this.fit();
  }

  /** Above the keyboard of the phone. */
  fit() {
    const seen = window.visualViewport;
    const covers = this.opened && this.phone.matches && seen;
    this.window.style.height = covers ? `${seen.height}px` : "";
    this.window.style.top = covers ? `${seen.offsetTop}px` : "";
  }

  show(shown) {
    show(this.host, shown);
  }

  // What stands there

  refresh() {
    this.view.draw();
    this.asks.draw();
    show(this.composer.element, !this.asks.open());
    this.sub.textContent = this.subline();
    this.sub.className = this.settings.open ? "sub here" : "sub";
    this.count();
  }

  subline() {
    const { open, hours, opensAt, mails } = this.settings;
    if (open || !hours || !opensAt) return this.words.hours_open;
    const words = mails ? this.words.hours_closed_mail : this.words.hours_closed;
    return fill(words, { when: opening(opensAt, this.settings.locale) });
  }

  count() {
    const unread = this.opened ? 0 : this.talk.unread.length;
    show(this.badge, unread > 0);
    this.badge.textContent = unread > 9 ? "9+" : String(unread);
    const news = unread === 1 ? this.words.unread_one : fill(this.words.unread_many, { n: unread });
    const label = this.opened ? this.words.close : this.words.open;
    this.launcher.setAttribute("aria-label", unread ? `${label}, ${news}` : label);
    if (unread !== this.told) this.said("unread", (this.told = unread));
  }

  tell(words) {
    this.notice.textContent = words;
    show(this.notice, words !== "");
  }

  /** A bubble beside the button: what we say first, or what was just said. */
  tease(text, name, pressed) {
    const words = this.words;
    const dismiss = el("button.tool", { type: "button", "aria-label": words.dismiss, title: words.dismiss, onclick: () => show(this.teaser, false) }, icon("close"));
    this.teaser.replaceChildren(el("button.words", { type: "button", onclick: pressed }, name && el("b", {}, name), el("span", {}, text.slice(0, 160))), dismiss);
    show(this.teaser, !this.opened);
  }

  /** The site speaks first; an answer says what it answered. */
  speak(text) {
    if (this.opened || this.talk.begun || !this.host.isConnected) return;
    this.spokenFirst = text;
    this.view.greeting = text;
    this.spoken.textContent = text;
    this.tease(text, "", () => this.open());
    this.refresh();
  }

  // The menu

  sound() {
    const muted = !this.talk.store.get("muted");
    this.talk.store.set("muted", muted || null);
    this.soundItem.replaceChildren(icon(muted ? "mute" : "sound"), el("span", {}, muted ? this.words.unmute : this.words.mute));
  }

  async transcript() {
    try {
      await this.talk.session();
      const text = await this.talk.ask("transcript", { offset: -new Date().getTimezoneOffset(), you: this.words.you, us: this.words.us }, { raw: true });
      const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
      const name = `${this.settings.title} ${new Date().toISOString().slice(0, 10)}.txt`;
      el("a", { href: address, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(address), 10000);
    } catch {
      this.tell(this.words.offline);
    }
  }
}

function channel(value) {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}
