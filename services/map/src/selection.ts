/** What is chosen: kept in the address, read from the server, shown in the panel and on the chart. */
import type { Map as Chart } from "maplibre-gl";
import { reasonOf } from "./api";
import { button, el, state } from "./dom";
import type { Openers } from "./evidence";
import { markChosen } from "./leads";
import type { LiveBook } from "./live_book";
import { draw, emphasise, flyTo, type Hit } from "./map";
import type { Lead, VesselEvent } from "./records";
import { choiceScene, type Scene, sceneOf, type Setting, type Type, TYPES } from "./scenes";

export class Selection {
  private leads: readonly Lead[] = [];
  private shown: readonly string[] = []; // vessels
  private again: () => void = () => undefined;
  private reading = new AbortController();
  private readonly open: Openers = {
    event: (id) => void this.choose("event", id),
    vessel: (id) => void this.choose("vessel", id),
    lead: (id) => void this.choose("lead", id),
    voyage: (id) => void this.choose("voyage", id),
  };

  constructor(
    private readonly chart: Chart,
    private readonly panel: HTMLElement,
    private readonly live: LiveBook,
  ) {
    addEventListener("hashchange", () => void this.follow());
    panel.addEventListener("keydown", (key) => {
      if (key.key === "Escape") this.clear();
    });
  }

  /** The leads in the list: events and vessels point back to them. */
  know(leads: readonly Lead[]): void {
    this.leads = leads;
  }

  /** Choose what the address names, if anything; a view that it names too is kept. */
  async follow(hasView = addressed().has("map")): Promise<boolean> {
    const parts = addressed();
    const type = TYPES.find((each) => parts.has(each));
    if (type === undefined) return false;
    await this.choose(type, parts.get(type) ?? "", hasView);
    return true;
  }

  async choose(type: Type, id: string, staysPut = false): Promise<void> {
    remember(type, id);
    markChosen(id);
    await this.present(
      async (signal) => {
        const scene = await sceneOf(type, id, this.setting(), signal);
        return staysPut ? { ...scene, sketch: { ...scene.sketch, extent: [] } } : scene;
      },
      () => void this.choose(type, id, staysPut),
    );
  }

  /** Open what a click on the chart hit; several events at one place are listed first. */
  async answer(hit: Hit): Promise<void> {
    const [first, ...more] = hit.eventIds;
    if (first === undefined) {
      if (hit.vesselId !== null) await this.choose("vessel", hit.vesselId);
    } else if (more.length === 0) await this.choose("event", first);
    else
      await this.present(
        (signal) => choiceScene(hit.eventIds, this.setting(), signal),
        () => void this.answer(hit),
      );
  }

  clear(): void {
    this.reading.abort();
    this.panel.hidden = true;
    this.panel.replaceChildren();
    remember(null, "");
    document.querySelector<HTMLElement>("[aria-current]")?.focus();
    markChosen(null);
    emphasise(this.chart, [], false);
    draw(this.chart, []);
    this.chart.resize();
  }

  /** An event of what is shown was told anew: that is said; what is being read stays. */
  toldAnew(event: VesselEvent): void {
    if (this.panel.hidden || this.panel.querySelector(".anew") !== null) return;
    if (!this.shown.includes(event.vessel_id)) return;
    const text = "More has been told of this since. ";
    const attributes = { role: "status" };
    this.panel
      .querySelector("article")
      ?.before(el("p", { class: "anew", attributes }, text, button("Show", this.again)));
  }

  private async present(
    read: (signal: AbortSignal) => Promise<Scene>,
    again: () => void,
  ): Promise<void> {
    this.reading.abort();
    const reading = new AbortController();
    this.reading = reading;
    const close = button("Close", () => this.clear(), "button close");
    this.panel.hidden = false;
    this.panel.replaceChildren(close, state("waiting", "Reading the evidence…"));
    try {
      const scene = await read(reading.signal);
      if (reading.signal.aborted) return;
      this.shown = scene.vesselIds;
      this.again = again;
      this.panel.replaceChildren(close, scene.page);
      this.panel.scrollTop = 0;
      this.panel.focus({ preventScroll: true });
      emphasise(this.chart, scene.vesselIds, true);
      draw(this.chart, scene.sketch.features);
      flyTo(this.chart, scene.sketch.extent);
    } catch (error) {
      if (reading.signal.aborted) return;
      this.panel.replaceChildren(
        close,
        state("failed", `This could not be read. ${reasonOf(error)}`, again),
      );
    }
  }

  private setting(): Setting {
    return { leads: this.leads, live: this.live, open: this.open };
  }
}

/** What stands behind the `#` of the address. */
export function addressed(): URLSearchParams {
  return new URLSearchParams(location.hash.slice(1));
}

/** Keep the choice in the address, beside the view that MapLibre keeps there. */
function remember(type: Type | null, id: string): void {
  const parts = location.hash.slice(1).split("&");
  const others = parts.filter(
    (part) => part !== "" && !TYPES.some((each) => part.startsWith(`${each}=`)),
  );
  if (type !== null) others.push(`${type}=${encodeURIComponent(id)}`);
  history.replaceState(history.state, "", `#${others.join("&")}`);
}
