// When the site speaks first: on which pages, after how long, to whom; once in a visit.

export function follow(settings, talk, speak) {
  const returning = Boolean(talk.token || talk.store.get("been") || talk.store.get("consent"));
  if (talk.store.allowed) talk.store.set("been", true);
  let timers = [];
  let at = "";

  function begin() {
    at = location.href;
    timers.forEach(clearTimeout);
    timers = settings.rules.filter((rule) => fits(rule, returning)).map((rule) => setTimeout(() => tell(rule), rule.after * 1000));
  }

  function tell(rule) {
    if (talk.begun || talk.store.get("spoken", true)) return;
    talk.store.set("spoken", rule.text, true);
    speak(rule.text);
  }

  begin();
  return () => location.href !== at && begin();
}

function fits({ page, who }, returning) {
  if (who !== "anybody" && (who === "returning") !== returning) return false;
  const pattern = page.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*");
  const here = location.pathname + location.search;
  return new RegExp(`^${pattern}$`).test(here) || new RegExp(`^${pattern}$`).test(location.href);
}
