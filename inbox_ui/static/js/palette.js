// Search or jump: deeds (deeds.js), views, agents, pages and conversations, found by a few letters.
import { collect } from "./deeds.js";
import { ask, build, find, findAll } from "./dom.js";
import { openTalk } from "./talk.js";
import { words } from "./words.js";

const MOST = 12;
const ASK_AFTER = 120; // ms without a key
const LONGEST = 400; // characters that are read
let asking = 0;
let items = [], shown = [], chosen = 0, places = [], fetched = false;

// How well `query` fits `text`: letters in order; at the beginning of words and in a row is better. Null: not at all.
export function fit(query, text) {
  const wanted = query.toLowerCase().replace(/\s+/g, ""), given = text.toLowerCase();
  let at = -1, points = 0;
  const places = [];
  for (const letter of wanted) {
    const found = given.indexOf(letter, at + 1);
    if (found < 0) return null;
    points += found === at + 1 ? 3 : 0;
    points += found === 0 || /[\s@#·:,-]/.test(given[found - 1]) ? 4 : 0;
    points -= Math.min(found - at, 12) / 6;
    places.push(found);
    at = found;
  }
  return { points: points - given.length / 100, places };
}

export function openPalette() {
  const dialog = find("#palette");
  if (!dialog || dialog.open) return;
  items = collect(places);
  fetchPlaces();
  find("input", dialog).value = "";
  dialog.showModal();
  draw("");
}

// Agents and tags lead to their lists; asked for once.
async function fetchPlaces() {
  if (fetched) return;
  fetched = true;
  const answer = await ask("/desk/palette").catch(() => null);
  if (!answer?.ok) return (fetched = false);
  places = await answer.json();
  items = collect(places);
  const query = find("#palette input").value.trim();
  if (query && find("#palette").open) draw(query);
}

function draw(query) {
  shown = items
    .map((item, order) => ({ item, order, how: fit(query, item.title) }))
    .filter(({ how }) => how)
    .sort((one, other) => (query ? other.how.points - one.how.points : 0) || one.order - other.order)
    .slice(0, MOST);
  chosen = 0;
  find("#palette .found").replaceChildren(...shown.map(option));
  tell(shown.length || query.length > 1 ? "" : words("nothingFound"));
  choose(0);
  look(query);
}

// Below what was found: that nothing was, or why nothing could be looked for.
function tell(text) {
  find("#palette [data-told]").textContent = text;
}

// What was said anywhere, below what is on the page.
function look(query) {
  clearTimeout(asking);
  if (query.length < 2) return;
  if (!shown.length) tell(words("searching"));
  asking = setTimeout(async () => {
    const short = [...query].slice(0, LONGEST).join("").toWellFormed();
    const answer = await ask(`/desk/search?q=${encodeURIComponent(short)}`).catch(() => null);
    if (answer?.status === 401) return location.reload();
    const part = answer?.ok ? build(await answer.text().catch(() => "")) : null;
    if (find("#palette input").value.trim() !== query) return;
    if (!part) return tell(words(answer ? "searchFailed" : "searchOffline"));
    const place = find("#palette .found"), hits = findAll("[role=option]", part), problem = find("[data-problem]", part)?.textContent;
    hits.forEach((hit) => {
      const at = shown.length;
      hit.id = `found-${at}`;
      shown.push({ item: { run: () => openTalk(hit.dataset.conversation, { focus: true }) } });
      hit.addEventListener("click", () => run(at));
      place.append(hit);
    });
    tell(problem || (shown.length ? "" : words("nothingFound")));
    choose(Math.min(chosen, shown.length - 1));
  }, ASK_AFTER);
}

function option({ item, how }, index) {
  const line = document.createElement("div");
  line.id = `found-${index}`;
  line.setAttribute("role", "option");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.body.dataset.icons}#${item.icon}`);
  svg.append(use);
  const title = document.createElement("span");
  [...item.title].forEach((letter, at) => {
    if (!how.places.includes(at)) return title.append(letter);
    const mark = document.createElement("mark");
    mark.textContent = letter;
    title.append(mark);
  });
  const hint = document.createElement("small");
  hint.textContent = item.hint;
  line.append(svg, title, hint);
  line.addEventListener("click", () => run(index));
  return line;
}

function choose(index) {
  if (!shown.length) return find("#palette input").removeAttribute("aria-activedescendant");
  chosen = (index + shown.length) % shown.length;
  findAll("#palette [role=option]").forEach((each, at) => each.setAttribute("aria-selected", String(at === chosen)));
  find("#palette input").setAttribute("aria-activedescendant", `found-${chosen}`);
  find(`#found-${chosen}`)?.scrollIntoView({ block: "nearest" });
}

function run(index) {
  find("#palette").close();
  shown[index]?.item.run();
}

export function keepPalette() {
  const dialog = find("#palette");
  if (!dialog) return;
  find("input", dialog).addEventListener("input", (event) => draw(event.target.value.trim()));
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter") run(chosen);
    else return;
    event.preventDefault();
  });
  for (const each of findAll("dialog")) each.addEventListener("click", (event) => { if (event.target === each) each.close(); });
}
