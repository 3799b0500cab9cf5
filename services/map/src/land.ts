/** The shipped land as polygons that a flat map can fill. */
import type { Feature, FeatureCollection, Polygon, Position } from "geojson";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import { readJson } from "./api";
import { unwrapped } from "./extent";
import type { Place } from "./records";

type LandTopology = Topology<{ land: GeometryCollection }>;

export async function loadLand(): Promise<FeatureCollection<Polygon>> {
  const url = new URL("./land-10m.json", document.baseURI).href;
  const topology = (await readJson(url)) as LandTopology;
  const shapes = feature(topology, topology.objects.land).features.flatMap(({ geometry }) =>
    geometry.type === "MultiPolygon"
      ? geometry.coordinates
      : geometry.type === "Polygon"
        ? [geometry.coordinates]
        : [],
  );
  return { type: "FeatureCollection", features: shapes.map(flat) };
}

/**
 * The land is drawn for a globe: rings run over the date line, Antarctica's runs around the pole.
 * Here longitudes go on beyond 180 instead of jumping; MapLibre wraps what sticks out.
 */
function flat(rings: Position[][]): Feature<Polygon> {
  const [outer = [], ...holes] = rings.map((ring) =>
    aroundPole(unwrapped(southernFirst(ring as Place[]))),
  );
  const west = Math.min(...outer.map(([lon]) => lon));
  const onSameTurn = holes.map((hole) => {
    const turns_deg = 360 * Math.ceil((west - Math.min(...hole.map(([lon]) => lon))) / 360);
    return hole.map(([lon, lat]): Place => [lon + turns_deg, lat]);
  });
  return {
    type: "Feature",
    properties: {},
    geometry: { type: "Polygon", coordinates: [outer, ...onSameTurn] },
  };
}

/** The ring begun at its southernmost place, where a cut to the pole is the least seen. */
function southernFirst(ring: readonly Place[]): Place[] {
  const open = ring.slice(0, -1);
  const first = open.reduce((best, [, lat], i) => (lat < (open[best]?.[1] ?? 90) ? i : best), 0);
  const turned = [...open.slice(first), ...open.slice(0, first)];
  return [...turned, ...turned.slice(0, 1)];
}

/** A ring that went once around is closed by way of the pole. */
function aroundPole(ring: Place[]): Place[] {
  const [first, last] = [ring[0], ring.at(-1)];
  if (first === undefined || last === undefined || Math.abs(last[0] - first[0]) < 180) return ring;
  return [...ring, [last[0], -90], [first[0], -90], first];
}
