/** What a feed draws on the chart: vessels where they are now, their wakes, alerts as they stand. */
import type { GeoJSONSource, Map as Chart } from "maplibre-gl";
import type { Feature } from "geojson";
import type { Extent } from "./extent";
import type { LiveBook } from "./live_book";
import { flyTo } from "./map";
import type { Place } from "./records";
import { iconOf } from "./vessel_icons";
import { Wakes } from "./wakes";

const MAX_WAKES = 1500; // vessels in sight; more would be a tangle, and slow
const OLD_MS = 30 * 60_000; // of event time since she was heard
const FIRST_ZOOM = 9;
const MARGIN_FRAC = 0.25; // beyond the sight, so that a small move finds vessels there

export class LiveChart {
  private readonly wakes = new Wakes();

  constructor(private readonly chart: Chart) {}

  /** What is in sight, and some more; null for all the world. */
  sight(): Extent | null {
    const bounds = this.chart.getBounds();
    const [west, east] = [bounds.getWest(), bounds.getEast()];
    const [south, north] = [bounds.getSouth(), bounds.getNorth()];
    const [wide, high] = [(east - west) * MARGIN_FRAC, (north - south) * MARGIN_FRAC];
    const lat = (deg: number): number => Math.min(90, Math.max(-90, deg));
    if (east - west + 2 * wide >= 360) return [-180, lat(south - high), 180, lat(north + high)];
    const lon = (deg: number): number => ((((deg + 180) % 360) + 360) % 360) - 180;
    return [lon(west - wide), lat(south - high), lon(east + wide), lat(north + high)];
  }

  flyTo(places: readonly Place[]): void {
    flyTo(this.chart, places, FIRST_ZOOM);
  }

  drawVessels(book: LiveBook): void {
    this.wakes.take(book.vessels);
    const newest_ms = Math.max(...book.vessels.map((vessel) => Date.parse(vessel.timestamp)));
    this.set(
      "vessels",
      book.vessels.map((vessel): Feature => {
        const course_deg = this.wakes.courseOf(vessel);
        return {
          type: "Feature",
          properties: {
            vessel_id: String(vessel.mmsi),
            mmsi: vessel.mmsi,
            name: vessel.name ?? "",
            label: vessel.name ?? String(vessel.mmsi),
            sog_kn: vessel.sog_kn ?? "",
            icon: iconOf(vessel.sog_kn, course_deg !== null),
            course_deg: course_deg ?? 0,
            is_old: newest_ms - Date.parse(vessel.timestamp) > OLD_MS,
          },
          geometry: { type: "Point", coordinates: [vessel.lon, vessel.lat] },
        };
      }),
    );
    this.set("wakes", book.vessels.length > MAX_WAKES ? [] : this.wakes.lines());
  }

  drawEvents(book: LiveBook): void {
    this.set(
      "live-events",
      book.events().map((event): Feature => ({
        type: "Feature",
        properties: {
          event_id: event.event_id,
          kind: event.kind,
          vessel_id: event.vessel_id,
          mmsi: event.mmsi,
          name: book.nameOf(event.mmsi) ?? "",
          confidence: event.confidence,
        },
        geometry: { type: "Point", coordinates: [event.lon, event.lat] },
      })),
    );
  }

  /** The feed has ended and its record is there: draw that, and no longer what was told. */
  showRecord(): void {
    for (const name of ["vessels", "wakes", "live-events"]) this.set(name, []);
    for (const name of ["tracks", "events"]) {
      const source = this.chart.getSource(name);
      if (source !== undefined && "setTiles" in source && "tiles" in source)
        (source.setTiles as (tiles: string[]) => void)(source.tiles as string[]); // reads them anew
    }
  }

  private set(name: string, features: Feature[]): void {
    void this.chart
      .getSource<GeoJSONSource>(name)
      ?.setData({ type: "FeatureCollection", features });
  }
}
