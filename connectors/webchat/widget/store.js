// What the browser keeps, and when it may. Nothing is kept before the visitor writes or their consent is told;
// until then, and where the browser refuses, it is remembered for as long as the page lives. Cookies: never.

const DEVICE = "hubbub.device";

export class Store {
  constructor(channel, allowed) {
    this.prefix = `hubbub.${channel}.`;
    this.allowed = allowed;
    this.memory = new Map();
    const kept = (area, key) => this.read(area, key) !== null;
    this.allowed ||= kept(localStorage_(), "token") || kept(localStorage_(), "consent") || kept(sessionStorage_(), "token");
  }

  allow(yes) {
    if (yes && this.allowed) return;
    this.allowed = yes;
    if (!yes) {
      for (const area of [localStorage_(), sessionStorage_()]) this.wipe(area);
      return;
    }
    for (const { key, value, session } of [...this.memory.values()]) {
      if (Array.isArray(value)) this.merge(key, [], value);
      else if (value !== null) this.set(key, value, session);
    }
  }

  get(key, session = false) {
    const known = this.memory.get(named(key, session));
    if (known) return known.value;
    return this.read(session ? sessionStorage_() : localStorage_(), key);
  }

  set(key, value, session = false) {
    this.memory.set(named(key, session), { key, value, session });
    if (!this.allowed) return;
    const area = session ? sessionStorage_() : localStorage_();
    try {
      if (value === null) area?.removeItem(this.prefix + key);
      else area?.setItem(this.prefix + key, JSON.stringify(value));
    } catch {
      // Full, or forbidden: remembered until the page goes.
    }
  }

  /** A list that several pages of the site keep together: each adds and takes away its own. */
  merge(key, before, after) {
    const gone = new Set(before.map((each) => each.id));
    const others = (this.read(localStorage_(), key) ?? []).filter((each) => !gone.has(each.id));
    const known = new Set(after.map((each) => each.id));
    const all = [...others.filter((each) => !known.has(each.id)), ...after];
    this.set(key, all.length ? all : null);
  }

  /** Of this browser, for all chats of the site: kept when the rest may be, and forgotten with it. */
  device() {
    const kept = this.read(localStorage_(), DEVICE, "");
    if (kept || !this.allowed) return kept;
    const made = [...crypto.getRandomValues(new Uint8Array(16))].map((each) => each.toString(16).padStart(2, "0")).join("");
    try {
      localStorage_()?.setItem(DEVICE, JSON.stringify(made));
    } catch {
      return null; // it would be another one on the next page
    }
    return made;
  }

  forget() {
    this.memory.clear();
    for (const area of [localStorage_(), sessionStorage_()]) this.wipe(area);
  }

  /** Tells when another page of the site changed a value. */
  watch(heard) {
    addEventListener("storage", (event) => {
      if (!event.key?.startsWith(this.prefix)) return;
      const key = event.key.slice(this.prefix.length);
      this.memory.delete(named(key, false));
      heard(key);
    });
  }

  read(area, key, prefix = this.prefix) {
    try {
      return JSON.parse(area?.getItem(prefix + key) ?? "null");
    } catch {
      return null;
    }
  }

  wipe(area) {
    try {
      for (const key of Object.keys(area ?? {})) if (key.startsWith(this.prefix) || key === DEVICE) area.removeItem(key);
    } catch {
      // Nothing is there that could be read.
    }
  }
}

function named(key, session) {
  return session ? `session ${key}` : key;
}

function localStorage_() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function sessionStorage_() {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}
