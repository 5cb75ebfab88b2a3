// What the window asks: before the first message, for an address, for consent, and whether to forget it all.
import { el, fill, show } from "./dom.js";
import { icon } from "./icons.js";

const EMAIL = /^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$/;

export class Asks {
  constructor(panel) {
    const { settings, talk, words } = panel;
    Object.assign(this, { panel, settings, talk, words, element: el("div.extras") });
  }

  /** Whether something is asked before they may write. */
  open() {
    if (this.settings.signInNeeded && !this.talk.you.verified && !this.talk.identity) return "sign_in";
    if (this.settings.form.length && !this.answered && !this.talk.begun) return "form";
    return "";
  }

  draw() {
    const first = this.open();
    const wants =
      first ||
      (this.settings.consent === "ask" && !this.talk.store.allowed && !this.declined && this.talk.begun ? "consent" : "") ||
      (this.settings.mails && this.talk.begun && this.talk.lines.size && !this.talk.you.email && !this.left ? "email" : "");
    if (wants === this.drawn) return;
    this.drawn = wants;
    const drawn = { form: () => this.form(), email: () => this.email(), consent: () => this.consent(), sign_in: () => el("p.ask", {}, this.words.sign_in) }[wants];
    this.element.replaceChildren(...(drawn ? [drawn()] : []));
  }

  form() {
    const words = this.words;
    const fields = this.settings.form.filter(({ key }) => !(key in this.talk.you && this.talk.you[key]));
    if (!fields.length) {
      this.answered = true;
      queueMicrotask(() => this.panel.refresh());
      return el("span");
    }
    const inputs = fields.map((each) => this.field(each, `f-${each.key}`));
    const begin = (event) => {
      event.preventDefault();
      const wrong = inputs.map(({ check }) => check()).find(Boolean);
      if (wrong) return wrong.focus();
      const about = { answers: {} };
      for (const { key, input } of inputs) {
        if (key === "name" || key === "email") about[key] = input.value.trim();
        else about.answers[key] = input.value.trim();
      }
      this.talk.about = about;
      this.answered = true;
      this.left = Boolean(about.email);
      this.panel.refresh();
      this.panel.composer.focus();
    };
    return el("form.ask", { novalidate: true, onsubmit: begin }, el("p", {}, words.form_lead), inputs.map(({ row }) => row), el("button.main", { type: "submit" }, words.form_begin));
  }

  field({ key, label, required, starred = required }, id) {
    const words = this.words;
    const known = { name: ["text", "name", words.name], email: ["email", "email", words.email] }[key] ?? ["text", "off", key];
    const problem = el("small.problem", { id: `${id}-p`, hidden: true });
    const input = el("input", { id, type: known[0], autocomplete: known[1], required, maxlength: 250, "aria-describedby": `${id}-p` });
    const row = el("p.field", {}, el("label", { for: id }, label || known[2], starred && el("span", { "aria-hidden": "true" }, " *")), input, problem);
    const check = () => {
      const value = input.value.trim();
      const wrong = required && !value ? words.form_required : key === "email" && value && !EMAIL.test(value) ? words.form_email : "";
      problem.textContent = wrong;
      show(problem, wrong !== "");
      input.setAttribute("aria-invalid", String(wrong !== ""));
      return wrong ? input : null;
    };
    return { key, input, row, check };
  }

  /** So that an answer finds them after they have gone. */
  email() {
    const words = this.words;
    const { input, row, check } = this.field({ key: "email", label: words.email_lead, required: true, starred: false }, "f-later");
    const save = async (event) => {
      event.preventDefault();
      const wrong = check();
      if (wrong) return wrong.focus();
      try {
        await this.talk.tell({ about: { email: input.value.trim() } });
      } catch {
        return this.panel.tell(words.offline);
      }
      this.left = true;
      this.panel.spoken.textContent = fill(words.email_saved, { email: input.value.trim() });
      this.drawn = "saved";
      this.element.replaceChildren(el("p.ask.done", {}, this.panel.spoken.textContent));
      this.panel.composer.focus();
    };
    input.placeholder = words.email;
    const skip = el("button.tool", { type: "button", "aria-label": words.dismiss, title: words.dismiss, onclick: () => ((this.left = true), this.panel.refresh(), this.panel.composer.focus()) }, icon("close"));
    return el("form.ask.short", { novalidate: true, onsubmit: save }, row, el("button.main", { type: "submit" }, words.email_save), skip);
  }

  consent() {
    const words = this.words;
    const answer = (yes) => () => {
      this.declined = !yes;
      if (yes) this.allow();
      this.panel.refresh();
    };
    return el("div.ask", {}, el("p", {}, words.consent), el("div.row", {}, el("button.main", { type: "button", onclick: answer(true) }, words.consent_yes), el("button", { type: "button", onclick: answer(false) }, words.consent_no)));
  }

  allow() {
    this.talk.store.allow(true);
    this.talk.store.set("consent", true);
  }

  forget() {
    const words = this.words;
    const done = (yes) => () => {
      this.drawn = null;
      if (yes) {
        this.talk.forget();
        this.answered = this.left = false;
        this.panel.close();
      }
      this.panel.refresh();
    };
    this.drawn = "forget";
    this.element.replaceChildren(el("div.ask", { role: "alertdialog", "aria-label": words.forget }, el("p", {}, words.forget_sure), el("div.row", {}, el("button.main", { type: "button", onclick: done(true) }, words.forget_yes), el("button", { type: "button", onclick: done(false) }, words.cancel))));
    this.element.querySelector("button").focus();
  }
}
