// Notifications of the browser: only while nobody looks, from one tab alone, taken back when not true any more.
//
// Without push and without a service worker: they come for as long as Hubbub is open somewhere, which is what an
// agent's day is; what nobody saw comes by mail.
const ANSWER_WITHIN = 120; // ms another tab has to say that somebody looks at it
const shown = new Map(), waiting = new Map();
const others = "BroadcastChannel" in globalThis ? new BroadcastChannel("hubbub-bell") : null;
let leads = !navigator.locks, answered = false;

// The tab that holds the lock rings; when it is closed another one gets it.
navigator.locks?.request("hubbub-bell", () => { leads = true; return new Promise(() => {}); }).catch(() => {});

if (others) {
  others.onmessage = ({ data }) => {
    if (data === "who looks?" && document.visibilityState === "visible") others.postMessage("i do");
    if (data === "i do") answered = true;
  };
}

async function somebodyLooks() {
  if (document.visibilityState === "visible") return true;
  if (!others) return false;
  answered = false;
  others.postMessage("who looks?");
  await new Promise((resolve) => setTimeout(resolve, ANSWER_WITHIN));
  return answered;
}

// `each.wait`: ms until the quiet hours are over.
export function ring(each, open) {
  if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
  clearTimeout(waiting.get(each.key));
  waiting.set(each.key, setTimeout(() => show(each, open), Math.min(each.wait, 2 ** 31 - 1)));
}

async function show(each, open) {
  if (!leads || (await somebodyLooks()) || !waiting.delete(each.key)) return;
  shown.get(each.key)?.close();
  const note = new Notification(each.title, { body: each.text, tag: `hubbub-${each.key}`, lang: document.documentElement.lang });
  note.onclick = () => { globalThis.focus(); note.close(); open(); };
  note.onclose = () => { if (shown.get(each.key) === note) shown.delete(each.key); };
  shown.set(each.key, note);
}

// Takes back what is not among what is still true.
export function silence(groups) {
  const open = new Set(groups.map((each) => each.key));
  for (const [key, timer] of waiting) if (!open.has(key)) { clearTimeout(timer); waiting.delete(key); }
  for (const [key, note] of shown) if (!open.has(key)) { note.close(); shown.delete(key); }
}

// Two soft tones, made here: no file, and nothing before somebody has clicked into the page.
let sound = null;
export function chime() {
  if (!navigator.userActivation?.hasBeenActive) return;
  sound ??= new AudioContext();
  [[660, 0], [880, 0.14]].forEach(([pitch, after]) => {
    const tone = sound.createOscillator(), volume = sound.createGain(), at = sound.currentTime + after;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.06, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.35);
    tone.connect(volume).connect(sound.destination);
    tone.start(at);
    tone.stop(at + 0.4);
  });
}
