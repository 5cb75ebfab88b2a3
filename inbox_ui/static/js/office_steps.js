// Connecting a channel: each step is looked at in its place, so that what was typed stays, secrets included.
import { ask, build, find, findAll } from "./dom.js";

async function look(button) {
  const form = button.form, shown = find(".looked", button.closest(".checking"));
  shown.textContent = shown.dataset.looks;
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await ask(button.formAction, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (!answer.ok) throw new TypeError(answer.statusText);
    shown.replaceChildren(build(await answer.text()));
  } catch (problem) {
    if (!(problem instanceof TypeError)) throw problem;
    form.requestSubmit(button); // the page itself can say what is wrong
  } finally {
    button.removeAttribute("aria-busy");
  }
}

for (const button of findAll("[data-look]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    if (!button.hasAttribute("aria-busy")) look(button);
  });
}
