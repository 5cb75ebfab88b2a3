// How I am told: the browser is asked for notifications when somebody clicks here, never by itself.
import { find, findAll } from "./dom.js";

const button = find("[data-allow-ringing]");

function show() {
  const state = "Notification" in globalThis ? Notification.permission : "none";
  for (const line of findAll("[data-ringing]")) line.hidden = line.dataset.ringing !== state;
  button.hidden = state !== "default";
}

if (button) {
  button.addEventListener("click", async () => {
    await Notification.requestPermission();
    show();
  });
  show();
}
