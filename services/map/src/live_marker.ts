/** The marker in the bar: what feeds the store, its time, and how far behind it is. */
import { el } from "./dom";
import { number, second } from "./format";
import type { Clock } from "./live_records";

const SILENT_S = 20; // a feed says where it is every second; sorting what it stored takes some
const BEHIND_S = 5; // less is the rhythm in which it is told
const DOES: Readonly<Record<Clock["state"], string>> = {
  reading: "reading the archives",
  playing: "",
  paused: "paused",
  listening: "",
  analysing: "played; being analysed",
  ended: "ended",
};

export class LiveMarker {
  private clock: Clock | null = null;
  private heard_ms = 0;
  private retryAt_ms: number | null = null;

  constructor(private readonly box: HTMLElement) {
    setInterval(() => this.draw(), 1000);
  }

  show(clock: Clock): void {
    this.clock = clock;
    this.heard_ms = performance.now() - clock.age_s * 1000;
    this.draw();
  }

  /** The connection is lost until the next try, or is there again. */
  lost(retry_s: number | null): void {
    this.retryAt_ms = retry_s === null ? null : performance.now() + retry_s * 1000;
    this.draw();
  }

  private draw(): void {
    const clock = this.clock;
    if (clock === null || document.hidden) return;
    this.box.hidden = false;
    const trouble = this.trouble(clock);
    this.box.dataset["state"] = trouble === null ? clock.state : "trouble";
    const what = clock.source === "listen" ? "Live" : "Replay";
    const speed =
      clock.source === "listen" ? "" : clock.speed === null ? " max" : ` ${number(clock.speed)}×`;
    this.box.replaceChildren(
      el("span", { class: "dot", attributes: { "aria-hidden": "true" } }),
      el("strong", {}, `${what}${speed}`),
      el("time", {}, clock.at === null ? "" : second(clock.at)),
      el("span", { class: "quiet" }, trouble ?? (DOES[clock.state] || behind(clock))),
      ...progress(clock),
    );
  }

  private trouble(clock: Clock): string | null {
    const now_ms = performance.now();
    if (this.retryAt_ms !== null) {
      const left_s = Math.max(0, Math.round((this.retryAt_ms - now_ms) / 1000));
      return `connection lost, next try in ${left_s} s`;
    }
    const silent_s = Math.round((now_ms - this.heard_ms) / 1000);
    const speaks = ["playing", "paused", "listening"].includes(clock.state);
    return speaks && silent_s > SILENT_S ? `nothing heard of it for ${lasting(silent_s)}` : null;
  }
}

function lasting(seconds: number): string {
  return seconds < 120 ? `${number(seconds)} s` : `${number(Math.round(seconds / 60))} min`;
}

function behind(clock: Clock): string {
  if (clock.behind_s === null || clock.behind_s < BEHIND_S) return "";
  return `${lasting(Math.round(clock.behind_s))} behind`;
}

/** How much of a replay has been played, as a thin bar. */
function progress({ at, since, until }: Clock): HTMLElement[] {
  if (at === null || since === null || until === null) return [];
  const [now, from, to] = [at, since, until].map((text) => Date.parse(text));
  const frac = Math.min(
    1,
    Math.max(0, ((now ?? 0) - (from ?? 0)) / ((to ?? 1) - (from ?? 0) || 1)),
  );
  const fill = el("span", {});
  fill.style.width = `${frac * 100}%`;
  const attributes = {
    role: "progressbar",
    "aria-valuenow": String(Math.round(frac * 100)),
    "aria-label": "Played",
  };
  return [el("span", { class: "played", attributes }, fill)];
}
