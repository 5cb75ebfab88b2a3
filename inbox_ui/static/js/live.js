// What happens elsewhere appears here. After sleep or a lost connection the page catches up by itself.
import { build, desk, find, findAll, openedId, replace } from "./dom.js";
import { putAttendance } from "./attendance.js";
import { putBell } from "./bell.js";
import { observeLast } from "./composer.js";
import { putDrafted, putDrafts } from "./drafts.js";
import { putPresence } from "./presence.js";
import { putRow, refreshRows } from "./list.js";
import { letGo, moveOn, putEntry, putHead, refreshTalk } from "./talk.js";
import { refreshPlaces } from "./places.js";
import { refreshTimes } from "./times.js";
import { words } from "./words.js";

const AGAIN = [1000, 2000, 5000, 10_000];
const SILENT_FOR = 50_000; // the server gives a sign of life every 20 s
let source = null, last = null, tries = 0, heard = 0, timer = 0;

export function connect() {
  source?.close();
  clearTimeout(timer);
  const query = new URLSearchParams(desk().dataset.query);
  query.set("view", desk().dataset.view);
  if (openedId()) query.set("conversation", openedId());
  if (last) query.set("last", last);
  const mine = (source = new EventSource(`/desk/live?${query}`));
  mine.addEventListener("hello", (event) => {
    const back = tries > 0;
    tries = 0;
    heard = Date.now();
    state("live");
    if (back && !last) catchUp();
    last ||= event.lastEventId || null;
  });
  mine.addEventListener("beat", () => (heard = Date.now()));
  mine.addEventListener("parts", (event) => {
    heard = Date.now();
    last = event.lastEventId || last;
    for (const part of JSON.parse(event.data)) put(part);
    refreshTimes();
  });
  mine.addEventListener("reload", () => {
    last = null;
    catchUp();
    again(mine);
  });
  mine.addEventListener("out", out);
  mine.onerror = () => again(mine);
}

// The browser's own reconnecting would forget which conversation is open now.
function again(mine) {
  mine.close();
  if (mine !== source) return;
  state("lost");
  timer = setTimeout(connect, AGAIN[Math.min(tries++, AGAIN.length - 1)]);
  if (tries === 2) lookIfOut();
}

// Signed out elsewhere. What is being written stays on the screen; else the door is shown.
function out() {
  source.close();
  clearTimeout(timer);
  state("lost");
  if (findAll("textarea").some((each) => each.value.trim())) say(words("keptSignedOut"));
  else location.assign(`/desk/sign-in?to=${encodeURIComponent(location.pathname)}`);
}

// An event source does not say why it was refused: the door sends on whoever is signed in.
async function lookIfOut() {
  try {
    const answer = await fetch("/desk/sign-in", { redirect: "manual" });
    if (answer.ok) out();
  } catch {
    // No connection: that is why.
  }
}

async function catchUp() {
  try {
    await Promise.all([refreshRows(), refreshTalk(), refreshPlaces()]);
  } catch {
    // The connection is gone again; the next one catches up.
  }
}

// A page that was drawn before something happened may arrive after it was told: what was told lately is put again.
const LATELY = 5000;
let lately = [];

function putAgain() {
  lately = lately.filter((each) => Date.now() - each.at < LATELY);
  for (const { part } of lately) if (part.conversation === openedId() && find("#timeline")) putEntry(part);
  observeLast();
}

function put(part) {
  if (part.part === "entry") lately.push({ at: Date.now(), part });
  if (part.part === "row") { if (!part.there || document.getElementById(`row-${part.id}`)) putRow(part.id, part.html); }
  else if (part.part === "head") putHead(part);
  else if (part.part === "entry" && find("#timeline") && part.conversation === openedId()) { putEntry(part); observeLast(); }
  else if (part.part === "alike" && part.id === openedId() && find("#alike")) replace(find("#alike"), find("#alike", build(part.html)));
  else if (part.part === "presence" && part.conversation === openedId()) putPresence(part.html);
  else if (part.part === "visit" && part.conversation === openedId() && find("#visit")) replace(find("#visit"), find("#visit", build(part.html)));
  else if (part.part === "drafted") putDrafted(part.ids);
  else if (part.part === "drafts" && part.conversation === openedId()) putDrafts(part);
  else if (part.part === "counts") putCounts(part.counts);
  else if (part.part === "bell") putBell(part);
  else if (part.part === "attendance") putAttendance(part.html);
  else if (part.part === "gone" && part.id === openedId()) letGo(part.id);
  else if (part.part === "moved") moveOn(part.id, part.to);
  else if (part.part === "places") refreshPlaces().catch(() => {});
}

function putCounts(counts) {
  for (const [view, count] of Object.entries(counts)) {
    for (const place of findAll(`[data-count="${CSS.escape(view)}"]`)) place.textContent = count;
  }
}

function state(name) {
  const place = find("[data-link-state]");
  if (place) {
    place.dataset.linkState = name;
    place.title = words(name);
  }
  let banner = find(".lost");
  if (name === "lost" && tries >= 1 && !banner) {
    banner = document.createElement("p");
    banner.className = "lost";
    banner.setAttribute("role", "status");
    banner.textContent = words("lost");
    document.body.append(banner);
  } else if (name === "live") {
    banner?.remove();
  }
}

export function keepLive() {
  last = desk().dataset.last || null; // what happened while the page was drawn and fetched is told first
  connect();
  document.addEventListener("talk-shown", () => { putAgain(); connect(); });
  addEventListener("online", connect);
  addEventListener("offline", () => again(source));
  // After sleep the old connection may only look alive.
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible" && Date.now() - heard > SILENT_FOR) connect(); });
  setInterval(() => { if (Date.now() - heard > SILENT_FOR) connect(); }, 10_000);
}
