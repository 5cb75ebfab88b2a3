// Questions to the hub. No cookies: who asks is said by the token alone.

const WITHIN = 20000;

/** Why the hub did not do it: `code` as it says, "offline" when it could not be asked. */
export class Refused extends Error {
  constructor(code, status = 0, more = {}, wait = 0) {
    super(code);
    Object.assign(this, { code, status, more, wait });
  }

  /** Whether asking again later may help. */
  get passes() {
    return this.code === "offline" || this.status === 429 || this.status >= 500;
  }
}

export async function ask(base, token, what, body, { raw = false, type = "application/json", within = WITHIN } = {}) {
  const headers = { "Content-Type": type };
  if (token) headers.Authorization = `Bearer ${token}`;
  let answer;
  try {
    answer = await fetch(new URL(what, base), {
      method: "POST",
      headers,
      body: type === "application/json" ? JSON.stringify(body) : body,
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(within),
    });
  } catch {
    throw new Refused("offline");
  }
  if (answer.ok) {
    try {
      return raw ? await answer.text() : await answer.json();
    } catch {
      throw new Refused("offline"); // broken off: perhaps it was done, and asking again does no harm
    }
  }
  let more = {};
  try {
    more = await answer.json();
  } catch {
    // A proxy said it, in its own words.
  }
  throw new Refused(more.refused ?? "away", answer.status, more, Number(answer.headers.get("Retry-After") ?? 0));
}
