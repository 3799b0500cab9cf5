/** The page of one voyage, and the words for its ends. */
import { itemAddress, itemsAddress } from "./api";
import { apiLink, el, foreign } from "./dom";
import { facts, links, vesselLinks } from "./evidence";
import { known, nameAndUnit, perCent, span } from "./format";
import type { Vessel, Voyage } from "./records";
import { shipName, title } from "./views";
import { routeAddress, type VoyageLines } from "./voyage_lines";

const BY: Readonly<Record<string, string>> = {
  call: "port call",
  declared: "as declared",
  edge: "where the data end",
};

/** Passages are named by short identifiers of ours: `little_belt` is "Little belt". */
export function passageNames(voyage: Voyage): string {
  return voyage.passages.map((id) => nameAndUnit(id).name).join(", ");
}

export function port(name: string | null): HTMLElement {
  return name === null ? el("span", { class: "quiet" }, "at sea") : foreign(name);
}

export function voyageView(voyage: Voyage, vessel: Vessel, lines: VoyageLines): HTMLElement {
  const end = (name: string | null, by: string): HTMLElement =>
    el("span", {}, port(name), el("span", { class: "quiet" }, ` (${BY[by] ?? by})`));
  return el(
    "article",
    {},
    title("Voyage", shipName(vessel.name), `MMSI ${voyage.mmsi}`),
    facts([
      ["From", end(voyage.origin, voyage.origin_by)],
      ["To", end(voyage.destination, voyage.destination_by)],
      ["When", span(voyage.start, voyage.end) + (voyage.is_open ? ", still under way" : "")],
      ["Sailed", known(voyage.travelled_nm, "nm")],
      ["Shortest by sea", known(voyage.shortest_nm, "nm")],
      ["Extra miles", known(voyage.excess_nm, "nm")],
      ["Ratio", voyage.detour_ratio === null ? "unknown" : voyage.detour_ratio.toFixed(3)],
      ["Farthest from it", known(voyage.max_cross_track_nm, "nm")],
      ["Passages", passageNames(voyage) || "none"],
      ["Time received", voyage.coverage_frac === null ? "unknown" : perCent(voyage.coverage_frac)],
    ]),
    el(
      "ul",
      { class: "strokes" },
      el("li", { class: "sailed" }, "as sailed"),
      lines.shortest.length > 0 ? el("li", { class: "shortest" }, "shortest route") : null,
    ),
    lines.routeProblem === null
      ? null
      : el(
          "p",
          { class: "state failed" },
          `The shortest route could not be drawn. ${lines.routeProblem}`,
        ),
    links(
      apiLink("Voyage", itemAddress("voyages", voyage.voyage_id)),
      voyage.shortest_nm === null
        ? apiLink(
            "Voyages of this vessel",
            itemsAddress("voyages", { vessel_id: voyage.vessel_id }),
          )
        : apiLink("Shortest route", routeAddress(voyage, vessel)),
      ...vesselLinks(voyage.vessel_id),
    ),
  );
}
