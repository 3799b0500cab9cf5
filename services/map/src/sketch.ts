/** What is drawn over the tracks for an event or a voyage, and the places that must be in sight. */
import type { Feature } from "geojson";
import { unwrapped } from "./extent";
import type { Place, VesselEvent, Voyage } from "./records";
import type { VoyageLines } from "./voyage_lines";

export interface Sketch {
  features: Feature[];
  extent: Place[];
}

type Role = "sailed" | "shortest" | "apart";

function line(role: Role, places: readonly Place[]): Feature {
  const geometry = { type: "LineString" as const, coordinates: unwrapped(places) };
  return { type: "Feature", properties: { role }, geometry };
}

function point(role: "ring" | "end", place: Place, label = ""): Feature {
  const geometry = { type: "Point" as const, coordinates: place };
  return { type: "Feature", properties: { role, label }, geometry };
}

export function joined(sketches: readonly Sketch[]): Sketch {
  return {
    features: sketches.flatMap((sketch) => sketch.features),
    extent: sketches.flatMap((sketch) => sketch.extent),
  };
}

/** Rings where it happened; dots between places that belong together without a track. */
export function sketchOfEvent(event: VesselEvent): Sketch {
  const at: Place = [event.lon, event.lat];
  const ends: Place[] = [
    [event.start_lon, event.start_lat],
    [event.end_lon, event.end_lat],
  ];
  const hulls = hullPlaces(event);
  const extent = [at, ...ends, ...hulls];
  // Nothing was received in between: the dots join what is known.
  if (event.kind === "ais_gap") {
    return { features: [line("apart", ends), ...ends.map((end) => point("ring", end))], extent };
  }
  const apart = hulls.slice(1).map((hull) => line("apart", [hulls[0] ?? at, hull]));
  const rings = hulls.length > 0 ? hulls : [at];
  return { features: [...apart, ...rings.map((place) => point("ring", place))], extent };
}

/** Where each of several transmitters on one number was. */
function hullPlaces(event: VesselEvent): Place[] {
  const listed = event.measures["hulls"]?.value;
  if (!Array.isArray(listed)) return [];
  return listed.flatMap((hull: { lat?: unknown; lon?: unknown }) =>
    typeof hull.lat === "number" && typeof hull.lon === "number" ? [[hull.lon, hull.lat]] : [],
  ) as Place[];
}

/** A voyage as sailed and as it could have been, with the names of its ends. */
export function sketchOfVoyage(voyage: Voyage, lines: VoyageLines): Sketch {
  const from = voyage.origin ?? "data begin";
  const to = voyage.destination ?? (voyage.is_open ? "last seen" : "data end");
  return {
    features: [
      ...lines.sailed.map((places) => line("sailed", places)),
      ...lines.shortest.map((places) => line("shortest", places)),
      point("end", [voyage.start_lon, voyage.start_lat], from),
      point("end", [voyage.end_lon, voyage.end_lat], to),
    ],
    extent: [...lines.sailed.flat(), ...lines.shortest.flat()],
  };
}
