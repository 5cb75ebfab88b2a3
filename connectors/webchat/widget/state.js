// The conversation as this page knows it: what was said, what waits to be said, what was seen.
//
// What the visitor says gets its name here, is kept until the hub has confirmed it, and is sent again for as
// long as that takes: under one name it is one message, however often it is sent. What the hub tells is put in
// its place by name, so that telling it twice changes nothing.
// Long because all that changes a conversation stands in one place, where one can see that nothing is lost.
import { Refused, ask } from "./wire.js";
import { Stream } from "./stream.js";

const TYPING_LASTS = 10000; // the desk says so anew every 8 s
const TYPING_EVERY = 4000;
const AT_ONCE = 10;

export class Conversation extends EventTarget {
  constructor(base, store) {
    super();
    Object.assign(this, { base, store });
    this.empty();
    this.identity = null;
    this.connected = true;
    this.visible = false;
    this.about = null;
    this.stream = new Stream(base, {
      body: () => ({ page: this.page(), about: this.about ?? this.origin() }),
      told: (kind, content) => this.told(kind, content),
      state: (state) => this.link(state === "live"),
      refused: (code) => this.lost(code),
    });
    addEventListener("online", () => this.retry());
    addEventListener("pageshow", (event) => event.persisted && this.resume());
    addEventListener("pagehide", () => this.stream.stop());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.retry();
    });
    store.watch((key) => {
      if (key !== "token") return;
      if (this.token) this.resume();
      else this.leave(); // another page of the site forgot them, or signed them in
    });
  }

  empty() {
    this.lines = new Map();
    this.you = { name: "", email: "", verified: false };
    this.waiting = [];
    this.more = false;
    this.unreadSince = null;
    this.readAt = null;
    this.typist = null;
    this.receipts = { read: new Set(), received: new Set() };
    this.receipted = new Set();
  }

  say(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }

  get token() {
    return this.store.get("token", true) ?? this.store.get("token");
  }

  get begun() {
    return this.lines.size > 0 || this.waiting.length > 0;
  }

  /** What we said and they have not seen. */
  get unread() {
    if (this.unreadSince === null) return [];
    return [...this.lines.values()].filter((line) => line.ours && !line.deleted && line.at >= this.unreadSince);
  }

  page() {
    return { url: location.href.split("#")[0], title: document.title };
  }

  origin() {
    return { referrer: document.referrer, language: navigator.language };
  }

  /** Go on where an earlier page of the site left off, if there was one. */
  resume() {
    this.waiting = this.store.get("waiting") ?? [];
    if (this.token) this.stream.start(this.token);
    if (this.waiting.length) this.flush();
    this.say("lines");
  }

  retry() {
    this.stream.hurry();
    if (this.waiting.length) this.flush();
  }

  async ask(what, body, options) {
    return ask(this.base, this.token, what, body, options);
  }

  // Who they are

  async session() {
    if (this.token) return;
    this.opening ??= this.enter(this.identity ? await this.claims() : null).finally(() => (this.opening = null));
    await this.opening;
  }

  async claims() {
    return typeof this.identity === "function" ? this.identity() : this.identity;
  }

  async enter(identity) {
    const found = await this.ask("session", { identity: identity ?? undefined });
    const before = this.store.get("key");
    if (before && before !== found.key && (this.you.verified || before.startsWith("u."))) {
      this.keep([]); // somebody else sits here now
      this.empty();
    }
    this.you = found.you;
    // Who is signed in is known until the window closes; who is not, until they forget it.
    if (found.token) {
      this.store.set("token", found.you.verified ? null : found.token);
      this.store.set("token", found.you.verified ? found.token : null, true);
    }
    this.store.set("key", found.key);
    this.stream.start(this.token);
    this.say("you");
    return found;
  }

  /** The site says who is signed in: what it signed, or a function that fetches it whenever it is needed. */
  async identify(identity) {
    this.identity = identity;
    // What is on its way goes first, and nothing more goes meanwhile: it would stay with who they were.
    await this.sending?.catch(() => {});
    const entering = this.claims().then((claims) => this.enter(claims));
    this.entering = entering.catch(() => {}).finally(() => (this.entering = null));
    const found = await entering;
    if (this.waiting.length) this.flush();
    this.say("lines");
    return { key: found.key, ...found.you };
  }

  forget() {
    this.store.forget();
    this.identity = null;
    this.leave();
  }

  leave() {
    this.stream.stop();
    this.empty();
    this.say("lines");
    this.say("unread");
  }

  async lost(code) {
    if (code === "token") {
      const known = this.identity;
      this.store.set("token", null, true);
      this.store.set("token", null);
      if (known) {
        try {
          await this.enter(await this.claims());
        } catch {
          this.say("identityNeeded");
        }
      } else if (this.you.verified) this.say("identityNeeded");
      return;
    }
    this.say("refused", code);
  }

  // What is told

  told(kind, content) {
    if (kind === "hello") {
      for (const line of content.lines) this.put(line);
      this.more = this.more || content.more;
      this.readAt = content.readAt;
      this.you = content.you;
      this.unreadSince = content.unreadSince;
      this.settle();
      this.say("you");
    } else if (kind === "line") {
      const known = this.lines.has(content.id);
      this.put(content);
      if (content.ours && !known) this.arrived(content);
    } else if (kind === "typing") this.typing(content);
    else if (kind === "read") this.readAt = content.at;
    else if (kind === "seen") this.unreadSince = null;
    else return;
    this.say("lines");
    this.say("unread");
    this.receipt();
  }

  put(line) {
    this.lines.set(line.id, line);
    const own = line.id.slice(line.id.lastIndexOf("/") + 1);
    if (!line.ours && this.waiting.some((each) => each.id === own)) this.keep(this.waiting.filter((each) => each.id !== own));
  }

  arrived(line) {
    this.typing({ on: false });
    if (this.unreadSince === null) this.unreadSince = line.at;
    this.say("message", line);
  }

  /** Of what is there already, what they have not seen counts from the first. */
  settle() {
    for (const line of this.unread) if (!this.receipted.has(line.id)) this.receipts.received.add(line.id);
  }

  typing({ on, name }) {
    clearTimeout(this.typistGoes);
    this.typist = on ? { name } : null;
    if (on) {
      this.typistGoes = setTimeout(() => {
        this.typist = null;
        this.say("lines");
      }, TYPING_LASTS);
    }
  }

  async earlier() {
    const first = this.sorted()[0];
    const found = await this.ask("lines", { before: first?.id });
    for (const line of found.lines) this.lines.set(line.id, line);
    this.more = found.more;
    this.say("lines");
  }

  sorted() {
    return [...this.lines.values()].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  }

  link(live) {
    if (live && this.waiting.length) this.flush();
    if (this.connected === live) return;
    this.connected = live;
    this.say("link");
  }

  // What is said

  /** `quote`: the line it answers, as it is shown above it. */
  write(text, files, greeting, quote) {
    const id = `w-${Date.now().toString(36)}-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
    this.keep([...this.waiting, { id, text, files, greeting, quote, at: Date.now(), failed: "" }]);
    this.say("lines");
    this.flush();
  }

  keep(waiting) {
    this.store.merge("waiting", this.waiting, waiting);
    this.waiting = waiting;
  }

  again(id) {
    this.keep(this.waiting.map((each) => (each.id === id ? { ...each, failed: "" } : each)));
    this.say("lines");
    this.flush();
  }

  discard(id) {
    this.keep(this.waiting.filter((each) => each.id !== id));
    this.say("lines");
  }

  /** Everything that waits, in its order, until the hub has it. One at a time does this. */
  async flush() {
    if (this.flushing) return;
    this.flushing = true;
    clearTimeout(this.flushLater);
    let tries = 0;
    try {
      for (;;) {
        const batch = this.waiting.filter((each) => !each.failed).slice(0, this.single ? 1 : AT_ONCE);
        if (!batch.length) return;
        try {
          await this.entering;
          await (this.sending = this.send(batch));
          tries = 0;
        } catch (problem) {
          if (!(problem instanceof Refused)) throw problem;
          if (problem.code === "token" && tries++ < 2) {
            await this.lost("token");
            continue;
          }
          if (!problem.passes) {
            this.fail(batch, problem);
            continue;
          }
          this.link(problem.code !== "offline" && problem.status === 429 ? this.connected : false);
          if (problem.status === 429) this.say("tooFast");
          const pause = Math.max(problem.wait * 1000, Math.min(15000, 800 * 2 ** tries++));
          this.flushLater = setTimeout(() => this.flush(), pause);
          return;
        }
      }
    } finally {
      this.flushing = false;
    }
  }

  async send(batch) {
    await this.session();
    const key = this.store.get("key");
    // Who they were when it was first sent: should the hub have it, it is known by that.
    if (batch.some((each) => !each.under)) this.keep(this.waiting.map((each) => (batch.includes(each) ? { ...each, under: each.under ?? key } : each)));
    const events = batch.map(({ id, text, files, greeting, quote, under = key }) => ({
      type: "message",
      id,
      under: under === key ? undefined : under,
      text,
      files: files.map((file) => file.id),
      greeting: greeting ?? "",
      reply_to: quote?.id,
    }));
    const about = { ...this.origin(), device: this.store.device() ?? undefined, ...this.about };
    const { taken, lines } = await this.ask("events", { events, page: this.page(), about });
    this.about = null;
    for (const line of lines) this.put(line);
    this.keep(this.waiting.filter((each) => !taken.includes(each.id)));
    this.say("lines");
    this.say("sent");
  }

  fail(batch, problem) {
    // One of several is at fault: from here on each goes alone, so that it is found and named.
    this.single = batch.length > 1;
    if (!this.single) {
      const [{ id }] = batch;
      this.keep(this.waiting.map((each) => (each.id === id ? { ...each, failed: problem.code } : each)));
    }
    if (problem.code === "sign_in" || problem.code === "origin") this.say("refused", problem.code);
    this.say("lines");
  }

  /** Of what is there: their own words, or a reaction. Raises Refused: nothing of it waits. */
  async change(event) {
    const { lines } = await this.ask("events", { events: [event] });
    for (const line of lines) this.put(line);
    this.say("lines");
  }

  async upload(file) {
    await this.session();
    return this.ask(`files?name=${encodeURIComponent(file.name)}`, file, {
      type: file.type || "application/octet-stream",
      within: 180000,
    });
  }

  wrote(something) {
    if (!this.token || !this.begun) return;
    const now = Date.now();
    if (something && now - (this.typedAt ?? 0) < TYPING_EVERY) return;
    if (!something && !this.typedAt) return;
    this.typedAt = something ? now : 0;
    this.ask("typing", { on: something }).catch(() => {});
  }

  async tell(body) {
    const { you } = await this.ask("visit", body);
    this.you = you;
    this.say("you");
  }

  // What is seen

  /** Whether they look at the conversation now. */
  look(visible) {
    this.visible = visible;
    this.receipt();
  }

  receipt() {
    if (this.visible && document.visibilityState === "visible") {
      for (const line of this.unread) this.receipts.read.add(line.id);
      if (this.unreadSince !== null) {
        this.unreadSince = null;
        this.say("unread");
      }
    } else this.settle();
    if (!this.receipts.read.size && !this.receipts.received.size) return;
    clearTimeout(this.receiptLater);
    this.receiptLater = setTimeout(() => this.sendReceipts(), 250);
  }

  async sendReceipts() {
    const { read, received } = this.receipts;
    this.receipts = { read: new Set(), received: new Set() };
    const events = [];
    for (const line of read) received.delete(line);
    if (read.size) events.push({ type: "read", lines: [...read].slice(-100) });
    if (received.size) events.push({ type: "received", lines: [...received].slice(-100) });
    if (!events.length || !this.token) return;
    for (const line of [...read, ...received]) this.receipted.add(line);
    try {
      await this.ask("events", { events });
    } catch {
      for (const line of read) this.receipts.read.add(line);
      this.receiptLater = setTimeout(() => this.sendReceipts(), 10000);
    }
  }
}
