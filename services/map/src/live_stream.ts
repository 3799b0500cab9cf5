/** Follows a stream of server-sent events: comes back by itself, later and later, from where it was. */

export interface Message {
  event: string;
  data: string;
}

export interface Follower {
  hear: (message: Message) => void;
  /** Seconds until the next try, or null once the stream is open. */
  lost: (retry_s: number | null) => void;
}

const FIRST_RETRY_S = 1;
const MAX_RETRY_S = 30;
const MAX_SILENCE_MS = 45_000; // the server says that it is there every 15 s

/** Not an EventSource: that one comes back at a fixed pace, and never after a refusal. */
export class Stream {
  private lastId = "";
  private nFailures = 0;
  private reading: AbortController | undefined;
  private retry: number | undefined;

  constructor(
    private readonly url: string,
    private readonly follower: Follower,
  ) {}

  /** Follow from behind a number, or from where it was. */
  start(lastId = this.lastId): void {
    this.stop();
    this.lastId = lastId;
    const reading = new AbortController();
    this.reading = reading;
    this.read(reading).catch(() => {
      if (!reading.signal.aborted) this.comeBack();
    });
  }

  stop(): void {
    clearTimeout(this.retry);
    this.reading?.abort();
    this.reading = undefined;
  }

  private comeBack(): void {
    this.stop();
    const most_s = Math.min(MAX_RETRY_S, FIRST_RETRY_S * 2 ** this.nFailures);
    const retry_s = most_s * (0.5 + Math.random() / 2); // not all pages at once
    this.nFailures += 1;
    this.follower.lost(Math.ceil(retry_s));
    this.retry = setTimeout(() => this.start(), retry_s * 1000);
  }

  /** Read until the stream ends, which it never should. */
  private async read(reading: AbortController): Promise<never> {
    const headers = this.lastId === "" ? {} : { "Last-Event-ID": this.lastId };
    const response = await fetch(this.url, { headers, signal: reading.signal, cache: "no-store" });
    if (!response.ok || response.body === null) throw new Error(`answered ${response.status}`);
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const silence = setTimeout(() => reader.cancel(), MAX_SILENCE_MS);
      const { done, value } = await reader.read();
      clearTimeout(silence);
      if (done) throw new Error("the stream ended");
      if (this.nFailures > 0 || text === "") this.follower.lost(null);
      this.nFailures = 0;
      const blocks = (text + decoder.decode(value, { stream: true })).split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) this.take(block);
    }
  }

  private take(block: string): void {
    const fields = new Map<string, string>();
    for (const line of block.split("\n")) {
      const colon = line.indexOf(":");
      if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).replace(/^ /, ""));
    }
    this.lastId = fields.get("id") ?? this.lastId;
    const data = fields.get("data");
    if (data !== undefined) this.follower.hear({ event: fields.get("event") ?? "message", data });
  }
}
