/** What each vessel leaves behind her on the chart: her last places, and the course they make. */
import type { Feature } from "geojson";
import type { Latest } from "./live_records";
import type { Place } from "./records";

const MAX_PLACES = 24;
const MAX_KN = 60; // two places farther apart are not of one way: a shared number, or a leap
const MOVED_NM = 0.03; // less may be the jitter of the receiver
const NM_PER_DEG = 60;
const MS_PER_H = 3_600_000;

interface Wake {
  places: Place[];
  last_ms: number;
  course_deg: number | null;
}

export class Wakes {
  private wakes = new Map<number, Wake>();

  /** Take where vessels are now; those that are not among them are forgotten. */
  take(vessels: readonly Latest[]): void {
    const wakes = new Map<number, Wake>();
    for (const vessel of vessels)
      wakes.set(vessel.mmsi, grown(this.wakes.get(vessel.mmsi), vessel));
    this.wakes = wakes;
  }

  /** The course as sent, or else as sailed [deg]. */
  courseOf(vessel: Latest): number | null {
    return vessel.cog_deg ?? this.wakes.get(vessel.mmsi)?.course_deg ?? vessel.heading_deg;
  }

  lines(): Feature[] {
    return [...this.wakes.values()]
      .filter((wake) => wake.places.length > 1)
      .map(({ places }) => ({
        type: "Feature",
        properties: {},
        geometry: { type: "LineString", coordinates: places },
      }));
  }
}

function grown(wake: Wake | undefined, vessel: Latest): Wake {
  const [place, time_ms]: [Place, number] = [
    [vessel.lon, vessel.lat],
    Date.parse(vessel.timestamp),
  ];
  const last = wake?.places.at(-1);
  if (wake === undefined || last === undefined || time_ms < wake.last_ms)
    return { places: [place], last_ms: time_ms, course_deg: null };
  const narrowing = Math.cos((vessel.lat * Math.PI) / 180);
  const turn_deg = ((vessel.lon - last[0] + 540) % 360) - 180; // the short way over the date line
  const [east_nm, north_nm] = [
    turn_deg * narrowing * NM_PER_DEG,
    (vessel.lat - last[1]) * NM_PER_DEG,
  ];
  const sailed_nm = Math.hypot(east_nm, north_nm);
  if (sailed_nm < MOVED_NM) return { ...wake, last_ms: time_ms };
  const hours = (time_ms - wake.last_ms) / MS_PER_H;
  if (sailed_nm > MAX_KN * hours + MOVED_NM)
    return { places: [place], last_ms: time_ms, course_deg: null };
  const course_deg = ((Math.atan2(east_nm, north_nm) * 180) / Math.PI + 360) % 360;
  // Longitudes go on beyond 180 rather than jump.
  const next: Place = [last[0] + turn_deg, vessel.lat];
  return { places: [...wake.places, next].slice(-MAX_PLACES), last_ms: time_ms, course_deg };
}
