/** How the chart looks: sources, layers and colours, nothing that acts. */
import type { FeatureCollection } from "geojson";
import type {
  ExpressionSpecification,
  FilterSpecification,
  GeoJSONSourceSpecification,
  LayerSpecification,
  StyleSpecification,
} from "maplibre-gl";
import { address } from "./api";
import { graticule, SPACINGS } from "./graticule";
import { KINDS, kindOf } from "./kinds";

/** Speeds [kn] and their colours: the legend and the tracks read the same table. */
export const SPEEDS: readonly (readonly [kn: number, colour: string])[] = [
  [0, "#7a6ff0"],
  [5, "#3f8efc"],
  [10, "#1fc3c9"],
  [15, "#6fe3a1"],
  [20, "#f0f7b4"],
];
export const SPEED_UNKNOWN = "#8a98a5";

export const TRACK_OPACITY = 0.9;

const SEA = "#0a1826";
const LAND = "#1e2c37";
const COAST = "#4b6475";
const GRID = "#14293b";
const INK = "#9db2c2";
const HALO = "#07121d";

// No glyph files: MapLibre draws these with the fonts of the reader's own machine.
const PLAIN = ["Inter", "Segoe UI", "Helvetica Neue", "Arial", "sans-serif"];
const STRONG = ["Inter Bold", ...PLAIN.slice(1)];

const NOTHING: FilterSpecification = ["boolean", false];

const speedColour: ExpressionSpecification = [
  "case",
  ["has", "sog_kn"],
  [
    "interpolate",
    ["linear"],
    ["to-number", ["get", "sog_kn"]],
    ...SPEEDS.flat(),
  ] as unknown as ExpressionSpecification,
  SPEED_UNKNOWN,
];

function byKind(pick: (name: string) => string): ExpressionSpecification {
  const cases = Object.keys(KINDS).flatMap((name) => [name, pick(name)]);
  return ["match", ["get", "kind"], ...cases, pick("")] as unknown as ExpressionSpecification;
}

const kindColour = byKind((name) => kindOf(name).colour);

/** A size that grows with zoom, from a value at zoom 2 to one at zoom 10. */
function growing(small: number, large: number): ExpressionSpecification {
  return ["interpolate", ["linear"], ["zoom"], 2, small, 10, large];
}

const tiles = (layer: string): string => `${address(`tiles/${layer}/`)}{z}/{x}/{y}.mvt`;

const chartLayers: LayerSpecification[] = [
  { id: "sea", type: "background", paint: { "background-color": SEA } },
  ...SPACINGS.map(([step, minzoom]): LayerSpecification => ({
    id: `grid-${step}`,
    type: "line",
    source: "grid",
    minzoom,
    filter: ["==", ["get", "step"], step],
    paint: { "line-color": GRID, "line-width": 1 },
  })),
  {
    id: "land",
    type: "fill",
    source: "land",
    paint: { "fill-color": LAND, "fill-antialias": false },
  },
  {
    id: "coast",
    type: "line",
    source: "land",
    paint: { "line-color": COAST, "line-width": growing(0.5, 1.4) },
  },
];

const trackLayers: LayerSpecification[] = [
  {
    id: "tracks",
    type: "line",
    source: "tracks",
    "source-layer": "tracks",
    layout: { "line-cap": "round", "line-join": "round" },
    paint: {
      "line-color": speedColour,
      "line-width": growing(1.6, 3),
      "line-opacity": TRACK_OPACITY,
    },
  },
  {
    id: "chosen-casing",
    type: "line",
    source: "tracks",
    "source-layer": "tracks",
    filter: NOTHING,
    layout: { "line-join": "round" }, // round caps would show where stretches meet
    paint: { "line-color": "#ffffff", "line-width": growing(4.5, 8), "line-opacity": 0.35 },
  },
  {
    id: "chosen",
    type: "line",
    source: "tracks",
    "source-layer": "tracks",
    filter: NOTHING,
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": speedColour, "line-width": growing(2.2, 4) },
  },
];

const drawnLayers: LayerSpecification[] = [
  {
    id: "voyage-sailed",
    type: "line",
    source: "drawn",
    filter: ["==", ["get", "role"], "sailed"],
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": "#ffffff", "line-width": growing(2.2, 4) },
  },
  {
    id: "voyage-shortest",
    type: "line",
    source: "drawn",
    filter: ["==", ["get", "role"], "shortest"],
    paint: { "line-color": "#ff8a3d", "line-width": growing(2, 3), "line-dasharray": [2, 1.6] },
  },
  {
    id: "apart",
    type: "line",
    source: "drawn",
    filter: ["==", ["get", "role"], "apart"],
    paint: { "line-color": "#f1f4f7", "line-width": 1.6, "line-dasharray": [1, 2] },
  },
  {
    id: "ring",
    type: "circle",
    source: "drawn",
    filter: ["==", ["get", "role"], "ring"],
    paint: {
      "circle-radius": growing(11, 17),
      "circle-color": "#ffffff",
      "circle-opacity": 0.12,
      "circle-stroke-color": "#ffffff",
      "circle-stroke-width": 1.6,
    },
  },
];

/** Marks of events with their two letters, from tiles or from a feed. */
function eventLayers(
  prefix: string,
  from: { source: string; "source-layer"?: string },
): LayerSpecification[] {
  return [
    {
      id: `${prefix}events`,
      type: "circle",
      ...from,
      layout: { "circle-sort-key": ["to-number", ["get", "confidence"]] },
      paint: {
        "circle-radius": growing(5, 10),
        "circle-color": kindColour,
        "circle-stroke-color": HALO,
        "circle-stroke-width": 1.5,
      },
    },
    {
      id: `${prefix}event-codes`,
      type: "symbol",
      ...from,
      minzoom: 4.5,
      layout: {
        "text-field": byKind((name) => kindOf(name).code),
        "text-font": STRONG,
        "text-size": growing(7, 10.5),
        "symbol-sort-key": ["-", ["to-number", ["get", "confidence"]]],
      },
      paint: { "text-color": HALO },
    },
  ];
}

/** Where vessels are now, over what they left behind them. */
const vesselLayers: LayerSpecification[] = [
  {
    id: "wakes",
    type: "line",
    source: "wakes",
    layout: { "line-join": "round" },
    paint: { "line-color": INK, "line-width": 1.2, "line-opacity": 0.45 },
  },
  {
    id: "vessels",
    type: "symbol",
    source: "vessels",
    layout: {
      "icon-image": ["get", "icon"],
      "icon-size": growing(0.65, 0.95),
      "icon-rotate": ["get", "course_deg"],
      "icon-rotation-alignment": "map",
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
    },
    paint: { "icon-opacity": ["case", ["get", "is_old"], 0.4, 1] },
  },
  {
    id: "vessel-names",
    type: "symbol",
    source: "vessels",
    minzoom: 7.5,
    layout: {
      "text-field": ["get", "label"],
      "text-font": PLAIN,
      "text-size": 11,
      "text-anchor": "top",
      "text-offset": [0, 0.9],
    },
    paint: { "text-color": "#d5e2ec", "text-halo-color": HALO, "text-halo-width": 1.3 },
  },
];

const markLayers: LayerSpecification[] = [
  {
    id: "ends",
    type: "circle",
    source: "drawn",
    filter: ["==", ["get", "role"], "end"],
    paint: {
      "circle-radius": 4.5,
      "circle-color": HALO,
      "circle-stroke-color": "#ffffff",
      "circle-stroke-width": 2,
    },
  },
  {
    id: "ports",
    type: "circle",
    source: "ports",
    "source-layer": "ports",
    minzoom: 5,
    filter: ["any", ["to-boolean", ["get", "is_large"]], [">=", ["zoom"], 6]],
    paint: {
      "circle-radius": growing(1.4, 3),
      "circle-color": INK,
      "circle-stroke-color": HALO,
      "circle-stroke-width": 1,
    },
  },
  ...eventLayers("", { source: "events", "source-layer": "events" }),
  ...eventLayers("live-", { source: "live-events" }),
  {
    id: "port-names",
    type: "symbol",
    source: "ports",
    "source-layer": "ports",
    minzoom: 6,
    filter: ["any", ["to-boolean", ["get", "is_large"]], [">=", ["zoom"], 8]],
    layout: {
      "text-field": ["get", "name"],
      "text-font": PLAIN,
      "text-size": 11.5,
      "text-anchor": "left",
      "text-offset": [0.6, 0],
    },
    paint: { "text-color": INK, "text-halo-color": HALO, "text-halo-width": 1.4 },
  },
];

const endNames: LayerSpecification = {
  id: "end-names",
  type: "symbol",
  source: "drawn",
  filter: ["==", ["get", "role"], "end"],
  layout: {
    "text-field": ["get", "label"],
    "text-font": STRONG,
    "text-size": 13,
    "text-variable-anchor": ["bottom", "top", "left", "right"],
    "text-radial-offset": 0.8,
    "text-allow-overlap": true,
  },
  paint: { "text-color": "#ffffff", "text-halo-color": HALO, "text-halo-width": 1.6 },
};

/** A source that a feed fills. */
function nothing(): GeoJSONSourceSpecification {
  return { type: "geojson", data: { type: "FeatureCollection", features: [] } };
}

/** The whole style over the server's tiles and the shipped land. */
export function chartStyle(land: FeatureCollection): StyleSpecification {
  return {
    version: 8,
    sources: {
      land: { type: "geojson", data: land, attribution: "Land: Natural Earth" },
      grid: { type: "geojson", data: graticule() },
      tracks: { type: "vector", tiles: [tiles("tracks")], maxzoom: 14 },
      events: { type: "vector", tiles: [tiles("events")], maxzoom: 14 },
      ports: { type: "vector", tiles: [tiles("ports")], minzoom: 5, maxzoom: 14 },
      wakes: nothing(),
      vessels: nothing(),
      "live-events": nothing(),
      drawn: nothing(),
    },
    layers: [
      ...chartLayers,
      ...trackLayers,
      ...drawnLayers,
      ...vesselLayers,
      ...markLayers,
      endNames,
    ],
  };
}
