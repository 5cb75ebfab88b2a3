// Moments as the visitor writes them.

export function clockTime(at, language) {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(at);
}

export function dayName(at, language, words) {
  const day = dayOf(at);
  const today = dayOf(Date.now());
  if (day === today) return words.today;
  if (day === dayOf(Date.now() - 86400000)) return words.yesterday;
  return new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" }).format(at);
}

export function dayOf(at) {
  return new Date(at).toDateString();
}

/** When the office opens: the hour alone if it is today. */
export function opening(at, language) {
  const soon = dayOf(at) === dayOf(Date.now());
  const format = soon ? { hour: "2-digit", minute: "2-digit" } : { weekday: "long", hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(language, format).format(at);
}

export function size(bytes, language) {
  const [value, unit] = bytes < 1048576 ? [bytes / 1024, "kilobyte"] : [bytes / 1048576, "megabyte"];
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}
