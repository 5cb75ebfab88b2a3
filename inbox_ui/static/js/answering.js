// Answering one message: chosen on the timeline, shown above the field, sent with the answer.
import { find } from "./dom.js";

const SHOWN = 120; // characters

export function answerOne(id) {
  const form = find('[data-composer="reply"]'), entry = find(`#entry-${CSS.escape(id)}`);
  if (!form || !entry) return;
  const radio = find('#composer input[name="mode"][value="reply"]'), link = find("[data-answers-words]", form);
  if (radio) radio.checked = true;
  form.elements.answers.value = id;
  const said = (find(".body > .text", entry) ?? find(".file-name", entry))?.textContent.trim().replace(/\s+/g, " ") ?? "";
  link.href = `#entry-${id}`;
  link.textContent = `${find(".by b", entry).textContent}: ${said.slice(0, SHOWN)}${said.length > SHOWN ? "…" : ""}`;
  find("[data-answers]", form).hidden = false;
  find("textarea", form).focus();
}

export function answerNewest(form) {
  form.elements.answers.value = "";
  find("[data-answers]", form).hidden = true;
  find("textarea", form).focus();
}
