// Answering one message: chosen on the timeline, shown above the field, sent with the answer.
import { find, findAll } from "./dom.js";

const SHOWN = 120; // characters

export function answerOne(id) {
  const form = find('[data-composer="reply"]'), entry = find(`#entry-${CSS.escape(id)}`);
  if (!form || !entry) return;
  const radio = find('#composer input[name="mode"][value="reply"]');
  if (radio) radio.checked = true;
  form.elements.answers.value = id;
  showAnswered(form);
  find("textarea", form).focus();
}

// By key: the newest that can be answered by itself; then the one before it.
export function answerBefore() {
  const those = findAll("#timeline [data-answer]").map((each) => each.dataset.answer);
  const at = those.indexOf(find('[data-composer="reply"]')?.elements.answers.value);
  if (those.length) answerOne(those.at(at > 0 ? at - 1 : -1));
  return those.length > 0;
}

// Above the field, whose words are answered: also in a draft that comes back.
export function showAnswered(form) {
  if (!form.elements.answers) return;
  const id = form.elements.answers.value, entry = id && find(`#entry-${CSS.escape(id)}`), link = find("[data-answers-words]", form);
  find("[data-answers]", form).hidden = !entry;
  if (!entry) return void (form.elements.answers.value = ""); // what is not on the page is not chosen
  const said = (find(".body > .text", entry) ?? find(".file-name", entry))?.textContent.trim().replace(/\s+/g, " ") ?? "";
  link.href = `#entry-${id}`;
  link.textContent = `${find(".by b", entry).textContent}: ${said.slice(0, SHOWN)}${said.length > SHOWN ? "…" : ""}`;
}

export function answerNewest(form) {
  form.elements.answers.value = "";
  showAnswered(form);
  find("textarea", form).focus();
}
