/** The two lines of a voyage: as sailed, and the shortest that the vessel could have sailed. */
import type { Feature, Geometry } from "geojson";
import { address, type Found, readJson, reasonOf } from "./api";
import type { Place, Vessel, Voyage } from "./records";

/** A voyage's lines on the chart, and why one of them may be missing. */
export interface VoyageLines {
  sailed: Place[][];
  shortest: Place[][];
  routeProblem: string | null;
}

export async function voyageLines(
  { properties, geometry }: Found<Voyage>,
  vessel: Vessel,
  signal: AbortSignal,
): Promise<VoyageLines> {
  const url = routeAddress(properties, vessel);
  return { sailed: linesOf(geometry), ...(await shortestOf(properties, url, signal)) };
}

/** The shortest route is an extra: without it the voyage is still shown, with the reason. */
async function shortestOf(
  voyage: Voyage,
  url: string,
  signal: AbortSignal,
): Promise<Pick<VoyageLines, "shortest" | "routeProblem">> {
  if (voyage.shortest_nm === null) return { shortest: [], routeProblem: null };
  try {
    const route = (await readJson(url, signal)) as Feature;
    return { shortest: linesOf(route.geometry), routeProblem: null };
  } catch (error) {
    if (signal.aborted) throw error;
    return { shortest: [], routeProblem: reasonOf(error) };
  }
}

/** The route open to this very vessel: canals and sounds take ships up to a size. */
export function routeAddress(voyage: Voyage, vessel: Vessel): string {
  const query = new URLSearchParams({
    from: `${voyage.start_lat},${voyage.start_lon}`,
    to: `${voyage.end_lat},${voyage.end_lon}`,
  });
  if (vessel.draught_m !== null) query.set("draught_m", String(vessel.draught_m));
  if (vessel.length_m !== null) query.set("length_m", String(vessel.length_m));
  return address(`routes?${query}`);
}

function linesOf(geometry: Geometry | null): Place[][] {
  if (geometry === null) return [];
  if (geometry.type === "LineString") return [geometry.coordinates as Place[]];
  return geometry.type === "MultiLineString" ? (geometry.coordinates as Place[][]) : [];
}
