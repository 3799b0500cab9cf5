/** Extents and lines on a round earth: the date line is a place like any other. */
import type { Place } from "./records";

export type Extent = [west: number, south: number, east: number, north: number];

/** The smallest extent around the places, east above 180 across the date line; null for none. */
export function extentOf(places: readonly Place[]): Extent | null {
  if (places.length === 0) return null;
  const lats = places.map(([, lat]) => lat);
  const [west, east] = arcOf(places.map(([lon]) => lon));
  return [west, Math.min(...lats), east, Math.max(...lats)];
}

/** The shortest arc of longitudes around all: what is left when the widest empty one is cut out. */
function arcOf(lons: readonly number[]): [number, number] {
  const sorted = [...lons].sort((a, b) => a - b);
  let west = sorted[0] ?? 0;
  let east = sorted.at(-1) ?? 0;
  let widest = west + 360 - east;
  for (let i = 1; i < sorted.length; i += 1) {
    const [left, right] = [sorted[i - 1] ?? 0, sorted[i] ?? 0];
    if (right - left > widest) [widest, west, east] = [right - left, right, left + 360];
  }
  return [west, east];
}

/** The places as one line that takes the short way around: longitudes may leave +-180. */
export function unwrapped(places: readonly Place[]): Place[] {
  let last: number | undefined;
  return places.map(([lon, lat]) => {
    const near: number = last === undefined ? lon : lon + 360 * Math.round((last - lon) / 360);
    last = near;
    return [near, lat];
  });
}
