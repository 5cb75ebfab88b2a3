// What the site may ask of the chat: window.Hubbub. Before the script is there, calls wait in a list.

export class Listeners {
  constructor() {
    this.heard = new Map();
  }

  on(name, listener) {
    if (!this.heard.has(name)) this.heard.set(name, new Set());
    this.heard.get(name).add(listener);
    return () => this.heard.get(name).delete(listener);
  }

  tell(name, detail) {
    for (const listener of this.heard.get(name) ?? []) {
      try {
        listener(detail);
      } catch (problem) {
        setTimeout(() => {
          throw problem; // the site's own, for its own console
        });
      }
    }
  }
}

export function offer(panel, talk, listeners) {
  const api = {
    open: () => panel.open(),
    close: () => panel.close(),
    toggle: () => panel.toggle(),
    show: () => panel.show(true),
    hide: () => panel.show(false),
    write: (text) => {
      panel.composer.text.value = String(text);
      panel.composer.typed();
      panel.open();
    },
    identify: (identity) => talk.identify(identity),
    logout: () => talk.forget(),
    consent: (given) => (given ? panel.asks.allow() : talk.store.allow(false)),
    event: (name, details = "") => tellEvent(talk, name, details),
    on: (name, listener) => listeners.on(name, listener),
    push: (call) => api[call[0]](...call.slice(1)),
    get unread() {
      return talk.unread.length;
    },
  };
  return api;
}

/** Known of whoever writes: it waits until they do. */
function tellEvent(talk, name, details) {
  const text = typeof details === "string" ? details : JSON.stringify(details);
  talk.events = [...(talk.events ?? []), { event: String(name), details: text, page: talk.page() }].slice(-10);
  tellWaiting(talk);
}

export async function tellWaiting(talk) {
  if (!talk.token || !talk.events?.length) return;
  const events = talk.events;
  talk.events = [];
  for (const each of events) await talk.tell(each).catch(() => {});
}
