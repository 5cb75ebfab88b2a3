// A handful of emoji to pick from, by pointer or by arrow keys; every keyboard has the others.
import { el } from "./dom.js";

const EMOJI =
  "😀 😃 😄 😁 😅 😂 🙂 😉 😊 😇 🥰 😍 😘 😋 😜 🤗 🤔 🤨 😐 🙄 😬 😌 😴 😷 🤒 🥳 😎 🤓 😕 😟 😮 😳 🥺 😢 😭 😤 😠 😱 😞 😩 👍 👎 👌 ✌️ 🤞 👋 👏 🙌 🙏 💪 ✍️ 👀 ❤️ 🧡 💛 💚 💙 💜 🖤 💔 💯 ✅ ❌ ❓ ❗ ⚠️ ⏰ 📅 📦 🚚 💳 🧾 📎 📷 📞 ✉️ 🏠 ☕ 🍕 🎂 🎁 🎉 🌞 🌧️ ❄️ 🌱 🐶 🐱 🚲 ✈️".split(" ");
const ROW = 8;

export function emojiGrid(label, picked) {
  const buttons = EMOJI.map((each, number) =>
    el("button.one", { type: "button", tabindex: number ? -1 : 0, onclick: () => picked(each) }, each),
  );
  const grid = el("div.emoji", { role: "group", "aria-label": label, hidden: true }, buttons);
  grid.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: ROW, ArrowUp: -ROW }[event.key];
    const at = buttons.indexOf(event.target);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = buttons[Math.max(0, Math.min(buttons.length - 1, at + step))];
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
  return grid;
}
