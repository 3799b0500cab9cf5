/** Follows a feed or replay of the store: list, chart and marker change while the page is seen. */
import type { Map as Chart } from "maplibre-gl";
import { address } from "./api";
import { byId } from "./dom";
import type { LiveBook } from "./live_book";
import { LiveChart } from "./live_chart";
import { LiveList } from "./live_list";
import { LiveMarker } from "./live_marker";
import { LivePlayer } from "./live_player";
import type { Clock } from "./live_records";
import { Stream } from "./live_stream";
import type { VesselEvent } from "./records";

const DRAW_MS = 250; // alerts come in bursts
const DEAD_S = 600; // a process that feeds a store says something every second
const LONG_MS = 60_000; // away for longer, what stands is read instead of all that was told

/** What the rest of the page does for a feed. */
export interface Stage {
  whenDrawn: Promise<Chart>; // list and marker do not wait for it
  book: LiveBook;
  isViewChosen: () => boolean;
  choose: (leadId: string) => void;
  begun: (isAtOnce: boolean) => void; // at once: as the page was opened
  ended: () => void; // and its record is there
  openRecord: () => void;
  toldAnew: (event: VesselEvent) => void;
}

export class Live {
  private drawing: LiveChart | undefined;
  private readonly list: LiveList;
  private readonly marker = new LiveMarker(byId("live-marker"));
  private readonly player = new LivePlayer(byId("live-player"));
  private readonly stream: Stream;
  private isStarted = false;
  private isReading = false; // one question at a time: a slow server is not asked faster
  private isDrawDue = false;
  private hasMoved = false;
  private seen = { n_latest: -1, n_leads: -1 };
  private hidden_ms = 0;
  private hasFlown = false;

  constructor(private readonly stage: Stage) {
    this.list = new LiveList(byId("live-list"), stage.choose, () => stage.openRecord());
    this.stream = new Stream(address("live"), {
      hear: ({ event, data }) => {
        if (event === "clock") this.tick(JSON.parse(data) as Clock);
        else if (event === "alert") this.told(JSON.parse(data) as VesselEvent);
      },
      lost: (retry_s) => this.marker.lost(retry_s),
    });
    void stage.whenDrawn.then((chart) => this.drawOn(chart));
    document.addEventListener("visibilitychange", () => this.seenOrHidden());
  }

  /** Read what stands, and follow from there; gives whether there is a feed to follow. */
  async start(): Promise<boolean> {
    const { book } = this.stage;
    // Without an answer the stream says what is wrong, and tries again.
    const lastId = await book.readEvents().catch(() => undefined);
    if (book.clock !== null) this.tick(book.clock, true);
    this.stream.start(lastId);
    return this.isStarted;
  }

  private drawOn(chart: Chart): void {
    this.drawing = new LiveChart(chart);
    this.hasMoved = true;
    chart.on("moveend", () => {
      this.hasMoved = true;
      void this.read();
    });
    this.drawSoon();
    void this.read();
  }

  /** A page that nobody sees asks for nothing. */
  private seenOrHidden(): void {
    if (document.hidden) {
      this.hidden_ms = performance.now();
      this.stream.stop();
    } else if (performance.now() - this.hidden_ms > LONG_MS) void this.start();
    else this.stream.start();
  }

  private tick(clock: Clock, isAtOnce = false): void {
    const { stage } = this;
    const { book } = stage;
    const before = book.clock;
    book.clock = clock;
    if (!this.isStarted) {
      // Over before this page was opened, or killed: what there is of a record is shown.
      if (clock.state === "ended" || clock.age_s > DEAD_S) return;
      this.isStarted = true;
      stage.begun(isAtOnce);
    }
    this.marker.show(clock);
    this.player.show(clock);
    if (clock.state === "ended" && before?.state === "analysing") this.end();
    this.drawSoon();
    void this.read();
  }

  private told(event: VesselEvent): void {
    this.stage.book.take(event);
    this.stage.toldAnew(event);
    this.drawSoon();
  }

  /** Ask for what the clock says is another. */
  private async read(): Promise<void> {
    const { book } = this.stage;
    const clock = book.clock;
    if (!this.isStarted || this.isReading || clock === null) return;
    const { drawing } = this;
    const isOver = clock.state === "ended"; // the record is drawn, and no latest positions
    this.isReading = true;
    let isDone = false;
    try {
      if (clock.n_leads !== this.seen.n_leads) {
        await book.readLeads();
        this.seen.n_leads = clock.n_leads;
        this.drawSoon();
      }
      if (
        drawing !== undefined &&
        !isOver &&
        (clock.n_latest !== this.seen.n_latest || this.hasMoved)
      ) {
        this.hasMoved = false;
        await book.readVessels(this.hasFlown ? drawing.sight() : null);
        this.seen.n_latest = clock.n_latest;
        drawing.drawVessels(book);
        this.flyOnce(drawing);
      }
      isDone = true;
    } catch {
      // The stream notices a lost server, and says so; the next tick asks again.
    } finally {
      this.isReading = false;
    }
    // What was said meanwhile may have been the last word.
    if (isDone && book.clock !== clock) await this.read();
  }

  /** Once, to where the vessels are: unless the analyst chose a view. */
  private flyOnce(drawing: LiveChart): void {
    const { book } = this.stage;
    if (this.hasFlown || book.vessels.length === 0) return;
    this.hasFlown = true;
    if (!this.stage.isViewChosen())
      drawing.flyTo(book.vessels.map((vessel) => [vessel.lon, vessel.lat]));
  }

  private drawSoon(): void {
    if (this.isDrawDue) return;
    this.isDrawDue = true;
    setTimeout(() => {
      this.isDrawDue = false;
      if (!this.isStarted) return;
      this.list.draw(this.stage.book);
      if (this.stage.book.clock?.state !== "ended") this.drawing?.drawEvents(this.stage.book);
    }, DRAW_MS);
  }

  private end(): void {
    this.drawing?.showRecord();
    this.stage.ended();
  }
}
