// Begins everything. Without it the page still reads, answers and assigns by plain forms.
import { ask } from "./dom.js";
import { keepComposer } from "./composer.js";
import { keepKeys } from "./keys.js";
import { keepList } from "./list.js";
import { keepLive } from "./live.js";
import { keepPalette } from "./palette.js";
import { keepTalk } from "./talk.js";
import { keepTimes } from "./times.js";

// The zone this browser is in, told once, so that the server writes the reader's own times.
function tellZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || zone === document.body.dataset.zone) return;
  ask("/desk/looks", { method: "POST", body: new URLSearchParams({ zone, csrf: document.body.dataset.formToken }) }).catch(() => {});
}

keepTalk();
keepComposer();
keepList();
keepKeys();
keepPalette();
keepTimes();
keepLive();
tellZone();
document.documentElement.dataset.ready = "true";
