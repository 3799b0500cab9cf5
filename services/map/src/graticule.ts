/** Meridians and parallels, and their figures along the frame of the chart. */
import type { Feature, FeatureCollection, LineString, Position } from "geojson";
import type { Map as Chart } from "maplibre-gl";
import { el } from "./dom";

/** Spacings [deg], widest first, and the zoom from which each is drawn. */
export const SPACINGS: readonly (readonly [step_deg: number, zoom: number])[] = [
  [30, 0],
  [10, 2.6],
  [5, 4.2],
  [1, 5.8],
  [0.5, 7.5],
  [0.25, 9],
];
const TOP_LAT = 84;
const FROM_EDGE_PX = 70; // figures nearer to a corner would run into the controls

/** Every line once, with the widest spacing that it belongs to as `step`. */
export function graticule(): FeatureCollection<LineString> {
  const features: Feature<LineString>[] = [];
  const finest = SPACINGS.at(-1)?.[0] ?? 1;
  const add = (deg: number, coordinates: Position[]): void => {
    const step = SPACINGS.find(([spacing]) => deg % spacing === 0)?.[0] ?? finest;
    features.push({
      type: "Feature",
      properties: { step },
      geometry: { type: "LineString", coordinates },
    });
  };
  for (let lon = -180; lon < 180; lon += finest)
    add(lon, [
      [lon, -TOP_LAT],
      [lon, TOP_LAT],
    ]);
  for (let lat = -TOP_LAT; lat <= TOP_LAT; lat += finest)
    add(lat, [
      [-180, lat],
      [180, lat],
    ]);
  return { type: "FeatureCollection", features };
}

/** Write the figures of the lines in sight along the top and the right edge, and keep them there. */
export function figureFrame(chart: Chart, box: HTMLElement): void {
  const frame = el("div", { class: "frame", attributes: { "aria-hidden": "true" } });
  box.append(frame);
  const write = (): void => frame.replaceChildren(...meridians(chart), ...parallels(chart));
  chart.on("move", write);
  chart.on("resize", write);
  write();
}

function stepAt(zoom: number): number {
  return SPACINGS.findLast(([, from]) => zoom >= from)?.[0] ?? 30;
}

function stepsBetween(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step);
  return Array.from(
    { length: Math.max(0, Math.floor(to / step) - first + 1) },
    (_, i) => (first + i) * step,
  );
}

function meridians(chart: Chart): HTMLElement[] {
  const bounds = chart.getBounds();
  const width = chart.getContainer().clientWidth;
  return stepsBetween(bounds.getWest(), bounds.getEast(), stepAt(chart.getZoom())).flatMap(
    (lon) => {
      const { x } = chart.project([lon, chart.getCenter().lat]);
      if (x < FROM_EDGE_PX / 2 || x > width - FROM_EDGE_PX) return [];
      const label = el("span", { class: "meridian" }, figure(((lon + 540) % 360) - 180, "EW"));
      label.style.left = `${x}px`;
      return [label];
    },
  );
}

function parallels(chart: Chart): HTMLElement[] {
  const bounds = chart.getBounds();
  const height = chart.getContainer().clientHeight;
  const [south, north] = [
    Math.max(bounds.getSouth(), -TOP_LAT),
    Math.min(bounds.getNorth(), TOP_LAT),
  ];
  return stepsBetween(south, north, stepAt(chart.getZoom())).flatMap((lat) => {
    const { y } = chart.project([chart.getCenter().lng, lat]);
    if (y < FROM_EDGE_PX + 20 || y > height - FROM_EDGE_PX) return [];
    const label = el("span", { class: "parallel" }, figure(lat, "NS"));
    label.style.top = `${y}px`;
    return [label];
  });
}

/** Degrees and whole minutes, with the side of the world: `54°30′ N`. */
function figure(deg: number, sides: string): string {
  const minutes = Math.round((Math.abs(deg) % 1) * 60);
  const side = deg === 0 || deg === -180 ? "" : ` ${sides[deg < 0 ? 1 : 0]}`;
  return `${Math.floor(Math.abs(deg))}°${minutes === 0 ? "" : `${minutes}′`}${side}`;
}
