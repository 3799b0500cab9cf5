/** What the evidence panel shows of an event: its measures, its innocent explanations, its fixes. */
import { address, itemAddress, itemsAddress } from "./api";
import { apiLink, button, el, foreign } from "./dom";
import { instant, number, perCent, position, span } from "./format";
import { kindOf, mark } from "./kinds";
import { measuresTable } from "./measures";
import { type EvidenceRange, type Lead, type Reason, type VesselEvent, voyageOf } from "./records";

/** Where a page's buttons lead. */
export interface Openers {
  event: (id: string) => void;
  vessel: (id: string) => void;
  lead: (id: string) => void;
  voyage: (id: string) => void;
}

/** A button among the links. */
export function way(label: string, onClick: () => void): HTMLButtonElement {
  return button(label, onClick, "way");
}

/** Terms and what they are, as a list of pairs. */
export function facts(
  pairs: readonly (readonly [term: string, value: Node | string])[],
): HTMLElement {
  const parts = pairs.flatMap(([term, value]) => [el("dt", {}, term), el("dd", {}, value)]);
  return el("dl", { class: "facts" }, ...parts);
}

export function links(...anchors: HTMLElement[]): HTMLElement {
  return el("p", { class: "links" }, ...anchors);
}

export function vesselLinks(vesselId: string): HTMLAnchorElement[] {
  return [
    apiLink("Vessel", itemAddress("vessels", vesselId)),
    apiLink("Tracks", itemsAddress("tracks", { vessel_id: vesselId })),
  ];
}

/** One reason of a lead: folded to its kind and share, with the event's whole evidence inside. */
export function reasonFold(
  reason: Reason,
  event: VesselEvent | undefined,
  lead: Lead,
  open: Openers,
): HTMLElement {
  // A lead with one reason says the same in its own sentence.
  const isSaid = lead.sentence.includes(reason.explanation);
  const fold = el(
    "details",
    { class: "reason" },
    el(
      "summary",
      {},
      mark(reason.kind),
      el("strong", {}, kindOf(reason.kind).label),
      el("span", { class: "quiet" }, `${perCent(reason.share)} of the score`),
    ),
    isSaid ? null : el("p", {}, foreign(reason.explanation)),
    el(
      "p",
      { class: "quiet" },
      `Weight ${reason.weight} × confidence ${perCent(reason.confidence)}`,
    ),
    event
      ? eventBody(event, open)
      : lead.is_live
        ? null
        : links(apiLink("Event", itemAddress("events", reason.event_id))),
  );
  fold.open = reason === lead.reasons[0];
  return fold;
}

/** An event in full below its explanation. */
export function eventBody(event: VesselEvent, open: Openers): HTMLElement {
  const voyageId = voyageOf(event);
  const ways = voyageId === null ? [] : [way("The voyage", () => open.voyage(voyageId))];
  const when: [string, Node | string][] = [
    [
      "When",
      event.is_open ? `since ${instant(event.start)}, still open` : span(event.start, event.end),
    ],
    ["Where", position(event.lat, event.lon)],
    ["Rule met", event.preset],
  ];
  if (event.other_mmsi !== null) when.push(["With", otherVessel(event)]);
  return el(
    "div",
    { class: "body" },
    facts(when),
    el("h4", {}, "Measured"),
    measuresTable(event.measures),
    el("h4", {}, "Innocent explanations"),
    innocent(event.innocent),
    el("h4", {}, "Positions it rests on"),
    ranges(event),
    links(
      ...ways,
      ...(event.sequence === undefined
        ? [apiLink("Event", itemAddress("events", event.event_id)), ...vesselLinks(event.vessel_id)]
        : []),
    ),
  );
}

function otherVessel(event: VesselEvent): HTMLElement {
  const id = event.other_vessel_id;
  const label = `MMSI ${event.other_mmsi}`;
  return id === null || event.sequence !== undefined
    ? el("span", {}, label)
    : apiLink(label, itemAddress("vessels", id));
}

function innocent({ tested, holds }: VesselEvent["innocent"]): HTMLElement {
  if (tested.length === 0) return el("p", { class: "quiet" }, "None is known for this kind.");
  const entries = tested.map((name) => {
    const doesHold = holds.includes(name);
    return el(
      "li",
      { class: doesHold ? "holds" : "fails" },
      foreign(name.replaceAll("_", " ")),
      el("span", {}, doesHold ? "holds" : "does not hold"),
    );
  });
  return el("ul", { class: "innocent" }, ...entries);
}

function ranges({ evidence, sequence }: VesselEvent): HTMLElement {
  const rows = evidence.map((range) =>
    el(
      "li",
      {},
      // What was told live is in the record once the feed is analysed.
      sequence === undefined ? rangeLink(range) : span(range.start, range.end),
      ` ${number(range.n)} ${range.n === 1 ? "position" : "positions"} of MMSI ${range.mmsi}`,
    ),
  );
  return el("ul", { class: "ranges" }, ...rows);
}

function rangeLink(range: EvidenceRange): HTMLAnchorElement {
  const query = new URLSearchParams({
    vessel_id: range.vessel_id,
    datetime: `${range.start}/${range.end}`,
  });
  return apiLink(span(range.start, range.end), address(`collections/tracks/items?${query}`));
}
