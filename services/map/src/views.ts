/** The pages of the evidence panel: a lead, an event, a vessel, several events at one place. */
import { itemAddress } from "./api";
import { apiLink, el, foreign } from "./dom";
import { eventBody, facts, links, type Openers, reasonFold, vesselLinks, way } from "./evidence";
import { known, perCent, position, second, span } from "./format";
import { kindOf, mark } from "./kinds";
import type { Latest } from "./live_records";
import type { Lead, Vessel, VesselEvent } from "./records";

export function shipName(name: string | null): HTMLElement {
  return name === null || name === ""
    ? el("span", { class: "quiet" }, "no name sent")
    : foreign(name);
}

export function title(over: string, name: Node | string, under: string): HTMLElement {
  return el(
    "header",
    { class: "title" },
    el("p", { class: "over" }, over),
    el("h2", {}, name),
    el("p", { class: "quiet" }, under),
  );
}

export function scoreBar(score: number): HTMLElement {
  const fill = el("span", {});
  fill.style.width = `${score * 100}%`;
  return el(
    "span",
    { class: "score" },
    el("span", { class: "bar", attributes: { "aria-hidden": "true" } }, fill),
    el("span", { class: "figure" }, `score ${score.toFixed(2)}`),
  );
}

/** A lead with its reasons; `events` holds those of them that could be read. */
export function leadView(
  lead: Lead,
  events: ReadonlyMap<string, VesselEvent>,
  open: Openers,
): HTMLElement {
  const about: [string, Node | string][] = [["Window", span(lead.window_start, lead.window_end)]];
  if (lead.watch_list.length > 0) about.push(["Watch list", foreign(lead.watch_list.join(", "))]);
  const reasons = lead.reasons.map((reason) =>
    reasonFold(reason, events.get(reason.event_id), lead, open),
  );
  return el(
    "article",
    {},
    title(`Lead ${lead.rank}`, shipName(lead.name), `MMSI ${lead.mmsi}`),
    scoreBar(lead.score),
    el("p", { class: "sentence" }, foreign(lead.sentence)),
    facts(about),
    el("h3", {}, reasons.length === 1 ? "The reason" : `The ${reasons.length} reasons`),
    ...reasons,
    el("h3", {}, "What would clear it"),
    el("p", {}, foreign(lead.what_would_clear_it)),
    links(
      way("All of this vessel", () => open.vessel(lead.vessel_id)),
      ...(lead.is_live
        ? []
        : [apiLink("Lead", itemAddress("leads", lead.lead_id)), ...vesselLinks(lead.vessel_id)]),
    ),
  );
}

export function eventView(
  event: VesselEvent,
  name: string | null,
  lead: Lead | undefined,
  open: Openers,
): HTMLElement {
  const ways = [way("All of this vessel", () => open.vessel(event.vessel_id))];
  if (lead) ways.push(way(`Lead ${lead.rank}`, () => open.lead(lead.lead_id)));
  return el(
    "article",
    {},
    title(kindOf(event.kind).label, shipName(name), `MMSI ${event.mmsi}`),
    el("p", { class: "sentence" }, foreign(event.explanation)),
    el("p", { class: "quiet" }, `Confidence ${perCent(event.confidence)}`),
    links(...ways),
    eventBody(event, open),
  );
}

export function vesselView(
  vessel: Vessel,
  events: readonly VesselEvent[],
  lead: Lead | undefined,
  open: Openers,
): HTMLElement {
  const size =
    vessel.length_m === null
      ? "unknown"
      : `${known(vessel.length_m, "m")} × ${known(vessel.beam_m, "m")}`;
  return el(
    "article",
    {},
    title("Vessel", shipName(vessel.name), `MMSI ${vessel.mmsi}`),
    lead
      ? links(
          way(`Lead ${lead.rank}: score ${lead.score.toFixed(2)}`, () => open.lead(lead.lead_id)),
        )
      : null,
    facts([
      ["Flag", vessel.flag ?? "unknown"],
      ["Type", foreign(vessel.ship_type_name ?? "unknown")],
      ["IMO", vessel.imo === null ? "unknown" : String(vessel.imo)],
      ["Call sign", foreign(vessel.callsign ?? "unknown")],
      ["Length × beam", size],
      ["Seen", span(vessel.first_seen, vessel.last_seen)],
      ["Positions", known(vessel.n_positions)],
    ]),
    el("h3", {}, "Events"),
    eventList(events, open),
    links(...vesselLinks(vessel.vessel_id)),
  );
}

/** A vessel of which only a feed has told so far. */
export function latestView(
  vessel: Latest,
  events: readonly VesselEvent[],
  lead: Lead | undefined,
  open: Openers,
): HTMLElement {
  const pairs: [string, string][] = [
    ["Last heard", second(vessel.timestamp)],
    ["Where", position(vessel.lat, vessel.lon)],
    ["Speed", known(vessel.sog_kn, "kn")],
    ["Course", known(vessel.cog_deg, "°")],
    ["Heading", known(vessel.heading_deg, "°")],
  ];
  return el(
    "article",
    {},
    title("Vessel", shipName(vessel.name), `MMSI ${vessel.mmsi}`),
    lead ? links(way(`Lead ${lead.rank}`, () => open.lead(lead.lead_id))) : null,
    facts(pairs),
    el("h3", {}, "Events so far"),
    eventList(events, open),
  );
}

/** Several events under one click: which of them is meant? */
export function choiceView(events: readonly VesselEvent[], open: Openers): HTMLElement {
  return el(
    "article",
    {},
    title("At this place", `${events.length} events`, "Choose one to see its evidence."),
    eventList(events, open),
  );
}

function eventList(events: readonly VesselEvent[], open: Openers): HTMLElement {
  if (events.length === 0) return el("p", { class: "quiet" }, "None.");
  const entries = events.map((event) => {
    const what = el(
      "button",
      { class: "entry", attributes: { type: "button" }, onClick: () => open.event(event.event_id) },
      mark(event.kind),
      el(
        "span",
        {},
        foreign(event.explanation),
        el("span", { class: "quiet block" }, `MMSI ${event.mmsi}, ${span(event.start, event.end)}`),
      ),
    );
    return el("li", {}, what);
  });
  return el("ul", { class: "entries" }, ...entries);
}
