/** What a choice brings: its page for the panel, and what the chart shows with it. */
import { item, items } from "./api";
import type { Openers } from "./evidence";
import type { LiveBook } from "./live_book";
import type { Latest } from "./live_records";
import { type Lead, type Vessel, type VesselEvent, voyageOf } from "./records";
import { joined, type Sketch, sketchOfEvent, sketchOfVoyage } from "./sketch";
import { choiceView, eventView, latestView, leadView, vesselView } from "./views";
import { voyageLines } from "./voyage_lines";
import { voyageView } from "./voyage_view";

export const TYPES = ["lead", "event", "vessel", "voyage"] as const;
export type Type = (typeof TYPES)[number];

export interface Scene {
  page: HTMLElement;
  vesselIds: string[]; // whose tracks are raised above the others
  sketch: Sketch;
}

/** What scenes need to know beside the server. */
export interface Setting {
  leads: readonly Lead[];
  live: LiveBook;
  open: Openers;
}

const MAX_EVENTS_READ = 25; // the weightiest; the rest are links
const MAX_EVENTS_LISTED = 100;
const BARE: Sketch = { features: [], extent: [] };

export function sceneOf(
  type: Type,
  id: string,
  setting: Setting,
  signal: AbortSignal,
): Promise<Scene> {
  const make = { lead: leadScene, event: eventScene, vessel: vesselScene, voyage: voyageScene };
  return make[type](id, setting, signal);
}

async function leadScene(id: string, setting: Setting, signal: AbortSignal): Promise<Scene> {
  const lead =
    setting.leads.find((known) => known.lead_id === id) ??
    setting.live.lead(id) ??
    (await item("leads", id, signal)).properties;
  const ids = lead.reasons.map((reason) => reason.event_id);
  // What only a feed tells, the record does not have: to ask for it would be an error.
  const told = ids.flatMap((each) => setting.live.event(each) ?? []);
  const events = lead.is_live ? told : await eventsOf(ids, setting, signal);
  const byId = new Map(events.map((event) => [event.event_id, event]));
  return {
    page: leadView(lead, byId, setting.open),
    vesselIds: vesselsOf(events),
    sketch: await sketchOf(events, signal),
  };
}

async function eventScene(id: string, setting: Setting, signal: AbortSignal): Promise<Scene> {
  const event = setting.live.event(id) ?? (await item("events", id, signal)).properties;
  const name =
    event.sequence === undefined
      ? (await item("vessels", event.vessel_id, signal)).properties.name
      : setting.live.nameOf(event.mmsi);
  return {
    page: eventView(event, name, leadOf(event.vessel_id, setting), setting.open),
    vesselIds: vesselsOf([event]),
    sketch: await sketchOf([event], signal),
  };
}

async function vesselScene(id: string, setting: Setting, signal: AbortSignal): Promise<Scene> {
  const events = await items("events", { vessel_id: id, limit: MAX_EVENTS_LISTED }, signal);
  const recorded = new Set(events.rows.map((event) => event.event_id));
  const told = setting.live.eventsOf(id).filter((event) => !recorded.has(event.event_id));
  const all = [...told.reverse(), ...events.rows];
  const lead = leadOf(id, setting);
  const vessel = await vesselOrLatest(id, setting, signal);
  const page =
    "vessel_id" in vessel
      ? vesselView(vessel, all, lead, setting.open)
      : latestView(vessel, all, lead, setting.open);
  return { page, vesselIds: [id], sketch: BARE };
}

/** A vessel of the record; of one that it does not have, what the feed tells. */
async function vesselOrLatest(
  id: string,
  { live }: Setting,
  signal: AbortSignal,
): Promise<Vessel | Latest> {
  const latest = live.vessel(Number(id.split("-")[0]));
  if (latest === undefined) return (await item("vessels", id, signal)).properties;
  // A question to which the answer may be none: not by its address, which would be an error.
  const known = await items("vessels", { vessel_id: id, limit: 1 }, signal);
  return known.rows[0] ?? latest;
}

async function voyageScene(id: string, _: Setting, signal: AbortSignal): Promise<Scene> {
  const voyage = await item("voyages", id, signal);
  const vessel = (await item("vessels", voyage.properties.vessel_id, signal)).properties;
  const lines = await voyageLines(voyage, vessel, signal);
  return {
    page: voyageView(voyage.properties, vessel, lines),
    vesselIds: [], // her other voyages would only hide this one
    sketch: sketchOfVoyage(voyage.properties, lines),
  };
}

/** Several events under one click. */
export async function choiceScene(
  ids: readonly string[],
  setting: Setting,
  signal: AbortSignal,
): Promise<Scene> {
  const events = await eventsOf(ids, setting, signal);
  return { page: choiceView(events, setting.open), vesselIds: vesselsOf(events), sketch: BARE };
}

async function eventsOf(
  ids: readonly string[],
  { live }: Setting,
  signal: AbortSignal,
): Promise<VesselEvent[]> {
  const wanted = ids.slice(0, MAX_EVENTS_READ);
  return Promise.all(
    wanted.map(async (id) => live.event(id) ?? (await item("events", id, signal)).properties),
  );
}

/** Events as drawn, each deviation with the voyage that it was measured on. */
async function sketchOf(events: readonly VesselEvent[], signal: AbortSignal): Promise<Sketch> {
  const voyages = events.map(async (event) => {
    const id = voyageOf(event);
    if (id === null) return BARE;
    const voyage = await item("voyages", id, signal);
    const vessel = (await item("vessels", event.vessel_id, signal)).properties;
    return sketchOfVoyage(voyage.properties, await voyageLines(voyage, vessel, signal));
  });
  return joined([...(await Promise.all(voyages)), ...events.map(sketchOfEvent)]);
}

function leadOf(vesselId: string, { leads, live }: Setting): Lead | undefined {
  return [...leads, ...live.leads].find((lead) => lead.vessel_id === vesselId);
}

function vesselsOf(events: readonly VesselEvent[]): string[] {
  const ids = events.flatMap((event) => [
    event.vessel_id,
    event.other_vessel_id,
    ...event.evidence.map((range) => range.vessel_id),
  ]);
  return [...new Set(ids.filter((id) => id !== null))];
}
