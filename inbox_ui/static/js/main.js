// Begins everything. Without it the page still reads, answers and assigns by plain forms.
import { ask } from "./dom.js";
import { keepAttendance } from "./attendance.js";
import { keepBell } from "./bell.js";
import { keepComposer } from "./composer.js";
import { keepFiles } from "./attaching.js";
import { keepAboveKeyboard } from "./keyboard.js";
import { keepKeys } from "./keys.js";
import { keepLimits } from "./limits.js";
import { keepList, refreshRows } from "./list.js";
import { keepLive } from "./live.js";
import { keepMentions } from "./mentions.js";
import { keepPalette } from "./palette.js";
import { keepPeople } from "./recipients.js";
import { keepSnippets } from "./snippets.js";
import { keepTalk, refreshTalk } from "./talk.js";
import { keepMenus } from "./menus.js";
import { keepPerson } from "./person.js";
import { keepPlaces } from "./places.js";
import { keepSelect } from "./select.js";
import { keepPresence } from "./presence.js";
import { keepTasks } from "./tasks.js";
import { keepTimes } from "./times.js";

// The zone this browser is in, told once, so that the server writes the reader's own times.
function tellZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || zone === document.body.dataset.zone) return;
  const body = new URLSearchParams({ zone, csrf: document.body.dataset.formToken });
  ask("/desk/looks", { method: "POST", body }).then(() => Promise.all([refreshTalk(), refreshRows()]), () => {});
}

keepSelect();
keepTalk();
keepComposer();
keepAboveKeyboard();
keepFiles();
keepPeople();
keepSnippets();
keepMentions();
keepLimits();
keepList();
keepKeys();
keepPalette();
keepPlaces();
keepTimes();
keepBell();
keepLive();
keepPresence();
keepPerson();
keepMenus();
keepTasks();
keepAttendance();
tellZone();
document.documentElement.dataset.ready = "true";
