/** The chart: draws the style, answers clicks, and shows what is chosen. */
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import {
  AttributionControl,
  Map as Chart,
  type FilterSpecification,
  type GeoJSONSource,
  type MapGeoJSONFeature,
  NavigationControl,
  type PaddingOptions,
  type Point,
  Popup,
  ScaleControl,
  setWorkerUrl,
} from "maplibre-gl";
import type { Feature } from "geojson";
import { el, foreign } from "./dom";
import { extentOf } from "./extent";
import { number } from "./format";
import { kindOf } from "./kinds";
import { loadLand } from "./land";
import { watch } from "./ready";
import type { Place } from "./records";
import { chartStyle, TRACK_OPACITY } from "./style";
import { addVesselIcons } from "./vessel_icons";

/** What a click on the chart hit, nearest the top first. */
export interface Hit {
  eventIds: string[];
  vesselId: string | null;
}

const HIT_PX = 5; // a finger or a mouse is not sharper than this
const EVENTS = ["events", "live-events"];
const FAINT_OPACITY = 0.3;

export async function createChart(container: HTMLElement): Promise<Chart> {
  setWorkerUrl(new URL(workerUrl, document.baseURI).href);
  const chart = new Chart({
    container,
    style: chartStyle(await loadLand()),
    hash: "map",
    center: [0, 25],
    zoom: 1.2,
    minZoom: 0, // two ends of an ocean on a phone
    maxZoom: 16,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    attributionControl: false,
  });
  chart.touchZoomRotate.disableRotation();
  chart.addControl(new NavigationControl({ showCompass: false }), "top-right");
  chart.addControl(new ScaleControl({ unit: "nautical" }), "bottom-right");
  chart.addControl(new AttributionControl({ compact: false }), "bottom-right");
  watch(chart);
  await new Promise<void>((resolve) => chart.once("load", () => resolve()));
  addVesselIcons(chart);
  return chart;
}

function near(chart: Chart, at: Point, ...layers: string[]): MapGeoJSONFeature[] {
  const box: [[number, number], [number, number]] = [
    [at.x - HIT_PX, at.y - HIT_PX],
    [at.x + HIT_PX, at.y + HIT_PX],
  ];
  return chart.queryRenderedFeatures(box, { layers });
}

function text(feature: MapGeoJSONFeature, property: string): string | null {
  const value: unknown = feature.properties[property];
  return value === undefined || value === null || value === "" ? null : String(value);
}

/** Call back with what a click hit, and name what the pointer is over. */
export function answerPointer(chart: Chart, onHit: (hit: Hit) => void): void {
  const tip = new Popup({
    closeButton: false,
    closeOnClick: false,
    className: "tip",
    maxWidth: "260px",
  });
  chart.on("click", ({ point }) => {
    const ids = near(chart, point, ...EVENTS).flatMap((found) => text(found, "event_id") ?? []);
    const track = near(chart, point, "vessels")[0] ?? near(chart, point, "tracks")[0];
    const hit: Hit = {
      eventIds: [...new Set(ids)],
      vesselId: track ? text(track, "vessel_id") : null,
    };
    if (hit.eventIds.length > 0 || hit.vesselId !== null) onHit(hit);
  });
  chart.on("mousemove", ({ point, lngLat }) => {
    const layers = [EVENTS, ["vessels"], ["tracks"]];
    const feature = layers.map((each) => near(chart, point, ...each)[0]).find((found) => found);
    chart.getCanvas().style.cursor = feature ? "pointer" : "";
    if (feature) tip.setLngLat(lngLat).setDOMContent(tipFor(feature)).addTo(chart);
    else tip.remove();
  });
  chart.on("mouseout", () => tip.remove());
}

function tipFor(feature: MapGeoJSONFeature): HTMLElement {
  const name = text(feature, "name");
  const kind = text(feature, "kind");
  const sog_kn = text(feature, "sog_kn");
  const what =
    kind !== null
      ? kindOf(kind).label
      : sog_kn !== null
        ? `${number(Number(sog_kn))} kn`
        : "speed unknown";
  const who = name === null ? el("span", {}, "no name sent") : foreign(name);
  return el(
    "div",
    {},
    el("strong", {}, who),
    el("span", {}, `MMSI ${text(feature, "mmsi") ?? "unknown"}`),
    el("span", {}, what),
  );
}

/** Raise the tracks of these vessels above the others, which may step back behind what is drawn. */
export function emphasise(
  chart: Chart,
  vesselIds: readonly string[],
  areOthersFaint: boolean,
): void {
  const filter: FilterSpecification = ["in", ["get", "vessel_id"], ["literal", [...vesselIds]]];
  chart.setFilter("chosen", filter);
  chart.setFilter("chosen-casing", filter);
  chart.setPaintProperty("tracks", "line-opacity", areOthersFaint ? FAINT_OPACITY : TRACK_OPACITY);
}

/** Hide the events of these kinds. */
export function hideKinds(chart: Chart, hidden: ReadonlySet<string>): void {
  const filter: FilterSpecification = ["!", ["in", ["get", "kind"], ["literal", [...hidden]]]];
  for (const layer of [...EVENTS, "event-codes", "live-event-codes"])
    chart.setFilter(layer, filter);
}

/** Draw these over the tracks, in place of what was drawn before. */
export function draw(chart: Chart, features: Feature[]): void {
  chart.getSource<GeoJSONSource>("drawn")?.setData({ type: "FeatureCollection", features });
}

const PADDING_PX = 60;
const NARROW_PX = 420; // of the chart's smaller side: there half of it must do
const CLOSE_ZOOM = 9; // nearer, the shipped land is too coarse to tell a berth from a beach

/** Room around what is shown; beside or above the legend, whichever leaves more of the chart. */
function padding(chart: Chart): PaddingOptions {
  const { clientWidth: width, clientHeight: height } = chart.getContainer();
  const legend = document.getElementById("legend");
  const [across, up] = [legend?.clientWidth ?? 0, legend?.clientHeight ?? 0];
  const all = Math.min(width, height) < NARROW_PX ? PADDING_PX / 2 : PADDING_PX;
  const [free_width, free_height] = [width - 2 * all, height - 2 * all];
  const isBeside = (free_width - across) * free_height > free_width * (free_height - up);
  return {
    top: all,
    right: all,
    bottom: isBeside ? all : all + up,
    left: isBeside ? all + across : all,
  };
}

/** Fly to where all these places are in sight; stays where it is without any. */
export function flyTo(chart: Chart, places: readonly Place[], maxZoom = CLOSE_ZOOM): void {
  const extent = extentOf(places);
  if (extent === null) return;
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  chart.resize(); // a panel may just have opened beside it
  chart.fitBounds(extent, { padding: padding(chart), maxZoom, duration: isStill ? 0 : 1200 });
}
