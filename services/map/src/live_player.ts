/** The controls of a replay: hold it, let it go on, move it; only where the operator allows it. */
import { address, readQuietly, reasonOf, send } from "./api";
import { button, el } from "./dom";
import { second } from "./format";
import type { Clock } from "./live_records";

const STEP_MS = 60_000;

interface Replays {
  replays: { id: string }[];
  can_steer: boolean;
}

export class LivePlayer {
  private id: string | null = null; // of the replay that was asked about
  private isHeld = false; // the slider, by the analyst
  private clock: Clock | null = null;
  private readonly hold = button("Pause", () => this.toggle());
  private readonly slider = el("input", {
    attributes: { type: "range", step: String(STEP_MS), "aria-label": "Time of the replay" },
  });
  private readonly note = el("span", { class: "quiet", attributes: { role: "status" } });

  constructor(private readonly box: HTMLElement) {
    this.slider.addEventListener("input", () => {
      this.isHeld = true;
      this.note.textContent = `to ${second(new Date(Number(this.slider.value)).toISOString())}`;
    });
    this.slider.addEventListener("change", () => {
      this.isHeld = false;
      void this.ask({ at: new Date(Number(this.slider.value)).toISOString() });
    });
  }

  show(clock: Clock): void {
    this.clock = clock;
    const isSteered = clock.source === "replay" && ["playing", "paused"].includes(clock.state);
    if (!isSteered || clock.since === null || clock.until === null) {
      this.box.hidden = true;
      return;
    }
    if (this.id !== clock.id) {
      this.id = clock.id;
      void this.offer(clock.id);
    }
    this.box.hidden = this.box.childElementCount === 0;
    this.hold.textContent = clock.state === "paused" ? "Play" : "Pause";
    if (this.isHeld || clock.at === null) return;
    this.slider.min = String(Date.parse(clock.since));
    this.slider.max = String(Date.parse(clock.until));
    this.slider.value = String(Date.parse(clock.at));
  }

  /** Show the controls, if they would be answered. */
  private async offer(id: string): Promise<void> {
    const found = (await readQuietly(address("replays")).catch(() => null)) as Replays | null;
    const isOffered = found?.can_steer === true && found.replays.some((each) => each.id === id);
    this.box.replaceChildren(...(isOffered ? [this.hold, this.slider, this.note] : []));
    this.box.hidden = !isOffered;
  }

  private toggle(): void {
    void this.ask({ is_paused: this.clock?.state !== "paused" });
  }

  private async ask(what: Record<string, unknown>): Promise<void> {
    this.note.textContent = "";
    try {
      await send("PATCH", address(`replays/${encodeURIComponent(this.id ?? "")}`), what);
    } catch (error) {
      this.note.textContent = reasonOf(error);
    }
  }
}
