// Begins: asks how the chat looks here, draws it, goes on where an earlier page left off.
import { Listeners, offer, tellWaiting } from "./api.js";
import { Panel } from "./panel.js";
import { follow } from "./rules.js";
import { Conversation } from "./state.js";
import { Store } from "./store.js";
import { Refused, ask } from "./wire.js";

const LOOK_EVERY = 1500;
const HOURS_EVERY = 600000;

async function begin() {
  const script = document.currentScript;
  const waiting = window.Hubbub;
  if (waiting && !Array.isArray(waiting)) return; // it is here already
  const base = new URL(".", script.src).href;
  const asked = { language: script.dataset.language || document.documentElement.lang || navigator.language };
  const opens = script.dataset.open !== undefined;
  const early = Array.isArray(waiting) ? waiting : [];
  window.Hubbub = early;
  const settings = await patiently(() => ask(base, null, "settings", asked));
  if (!settings || settings.hidden) return;
  // The region of the browser, where it speaks this language: 7:02 PM or 19:02.
  settings.locale = navigator.language.startsWith(settings.language) ? navigator.language : settings.language;
  if (script.dataset.theme) settings.theme = script.dataset.theme;
  if (document.readyState === "loading") await new Promise((ready) => addEventListener("DOMContentLoaded", ready));
  const store = new Store(base.split("/").at(-2), false);
  const talk = new Conversation(base, store);
  const listeners = new Listeners();
  const panel = new Panel(settings, talk, (name, detail) => listeners.tell(name, detail));
  const api = offer(panel, talk, listeners);
  window.Hubbub = api;
  for (const kind of ["identityNeeded", "refused"]) talk.addEventListener(kind, ({ detail }) => listeners.tell(kind, detail));
  talk.addEventListener("you", () => tellWaiting(talk));
  for (const call of early) {
    if (Array.isArray(call)) api.push(call);
  }
  talk.resume();
  const turned = follow(settings, talk, (text) => panel.speak(text));
  let here = location.href;
  setInterval(() => {
    if (location.href === here) return;
    here = location.href;
    turned();
    if (talk.token) talk.tell({ page: talk.page() }).catch(() => {});
  }, LOOK_EVERY);
  setInterval(async () => {
    if (!settings.hours) return;
    const { open, opensAt } = await ask(base, null, "settings", asked).catch(() => settings);
    Object.assign(settings, { open, opensAt });
    panel.refresh();
  }, HOURS_EVERY);
  if (opens || store.get("open", true)) panel.open();
  listeners.tell("ready");
  document.dispatchEvent(new CustomEvent("hubbub:ready"));
}

/** Asks again for as long as it makes sense; where the chat may not stand, the page stays without. */
async function patiently(asking) {
  for (let tries = 0; ; tries++) {
    try {
      return await asking();
    } catch (problem) {
      if (!(problem instanceof Refused) || !problem.passes) return null;
      await new Promise((go) => setTimeout(go, Math.min(60000, 1000 * 2 ** tries)));
    }
  }
}

begin();
