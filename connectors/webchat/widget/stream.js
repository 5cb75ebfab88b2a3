// What happens, as it happens. Every connection begins with how things are now: whatever was missed is in it.

const SILENT = 50000; // the hub says something every 20 s
const SLOWEST = 30000;

export class Stream {
  /** `told(event, content)`, `state("live" | "lost")`, `refused(code)`: when coming back makes no sense. */
  constructor(base, { body, told, state, refused }) {
    Object.assign(this, { base, body, told, state, refused });
    this.token = null;
    this.tries = 0;
  }

  start(token) {
    this.stop();
    this.token = token;
    this.run((this.abort = new AbortController()));
  }

  stop() {
    this.abort?.abort();
    this.abort = null;
    clearTimeout(this.later);
    this.later = 0;
  }

  /** Now rather than after the pause: the network is back, or somebody looks. */
  hurry() {
    if (!this.later) return;
    this.tries = 0;
    this.start(this.token);
  }

  async run(mine) {
    let code = "";
    try {
      code = await this.listen(mine);
    } catch {
      // Lost; below it is tried again.
    }
    if (mine !== this.abort) return;
    clearTimeout(this.silence);
    if (code) {
      this.abort = null;
      this.refused(code);
      return;
    }
    if (this.tries > 0) this.state("lost");
    const pause = this.tries ? Math.min(SLOWEST, 500 * 2 ** this.tries) * (0.7 + Math.random() * 0.6) : 100;
    this.tries += 1;
    this.later = setTimeout(() => this.start(this.token), pause);
  }

  async listen(mine) {
    this.alive(mine);
    const answer = await fetch(new URL("stream", this.base), {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${this.token}` },
      body: JSON.stringify(this.body()),
      credentials: "omit",
      cache: "no-store",
      signal: mine.signal,
    });
    if (answer.status === 401 || answer.status === 403 || answer.status === 404) {
      return (await answer.json()).refused ?? "away";
    }
    if (!answer.ok) return "";
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ""; ; ) {
      const { value, done } = await reader.read();
      if (done || mine !== this.abort) return "";
      this.alive(mine);
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) this.heard(block);
    }
  }

  heard(block) {
    const [event, data] = block.split("\n");
    const kind = event.slice(7);
    if (kind === "hello") {
      this.tries = 0;
      this.state("live");
    }
    this.told(kind, JSON.parse(data.slice(6)));
  }

  alive(mine) {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => mine.abort(), SILENT);
  }
}
