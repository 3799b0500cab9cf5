/** What a choice brings: its page for the panel, and what the chart shows with it. */
import { item, items } from "./api";
import type { Openers } from "./evidence";
import { type Lead, type VesselEvent, voyageOf } from "./records";
import { joined, type Sketch, sketchOfEvent, sketchOfVoyage } from "./sketch";
import { choiceView, eventView, leadView, vesselView } from "./views";
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
    (await item("leads", id, signal)).properties;
  const ids = lead.reasons.map((reason) => reason.event_id);
  const events = await eventsOf(ids, signal);
  const byId = new Map(events.map((event) => [event.event_id, event]));
  return {
    page: leadView(lead, byId, setting.open),
    vesselIds: vesselsOf(events),
    sketch: await sketchOf(events, signal),
  };
}

async function eventScene(id: string, setting: Setting, signal: AbortSignal): Promise<Scene> {
  const { properties: event } = await item("events", id, signal);
  const { properties: vessel } = await item("vessels", event.vessel_id, signal);
  return {
    page: eventView(event, vessel, leadOf(event.vessel_id, setting), setting.open),
    vesselIds: vesselsOf([event]),
    sketch: await sketchOf([event], signal),
  };
}

async function vesselScene(id: string, setting: Setting, signal: AbortSignal): Promise<Scene> {
  const [vessel, events] = await Promise.all([
    item("vessels", id, signal),
    items("events", { vessel_id: id, limit: MAX_EVENTS_LISTED }, signal),
  ]);
  const page = vesselView(vessel.properties, events.rows, leadOf(id, setting), setting.open);
  return { page, vesselIds: [id], sketch: BARE };
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
  const events = await eventsOf(ids, signal);
  return { page: choiceView(events, setting.open), vesselIds: vesselsOf(events), sketch: BARE };
}

async function eventsOf(ids: readonly string[], signal: AbortSignal): Promise<VesselEvent[]> {
  const wanted = ids.slice(0, MAX_EVENTS_READ);
  const found = await Promise.all(wanted.map((id) => item("events", id, signal)));
  return found.map((event) => event.properties);
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

function leadOf(vesselId: string, { leads }: Setting): Lead | undefined {
  return leads.find((lead) => lead.vessel_id === vesselId);
}

function vesselsOf(events: readonly VesselEvent[]): string[] {
  const ids = events.flatMap((event) => [
    event.vessel_id,
    event.other_vessel_id,
    ...event.evidence.map((range) => range.vessel_id),
  ]);
  return [...new Set(ids.filter((id) => id !== null))];
}
