// The sentences the scripts need, drawn by the server in the reader's language.
import { find } from "./dom.js";

const known = JSON.parse(find("#words")?.textContent || "{}");

export function words(key, values = {}) {
  return (known[key] || key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export const language = document.documentElement.lang || "en";
