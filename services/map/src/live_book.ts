/** What is known of a feed: its clock, the alerts as they stand, their ranking, latest positions. */
import { address, readQuietly } from "./api";
import type { Extent } from "./extent";
import type { Clock, Latest } from "./live_records";
import type { Lead, VesselEvent } from "./records";

const MAX_EVENTS = 1000; // those told longest ago go first
const MAX_LEADS = 100;

interface Answer<Row> {
  clock: Clock | null;
  numberMatched: number;
  sequence?: number;
  features: { properties: Row }[];
}

export class LiveBook {
  clock: Clock | null = null;
  leads: Lead[] = [];
  nLeads = 0;
  vessels: Latest[] = [];
  nVessels = 0; // in the extent that was asked for; not all of them may be in the answer
  private readonly told = new Map<string, VesselEvent>();
  private readonly names = new Map<number, string>();

  /** The events that stand, the one told last at the end. */
  events(): VesselEvent[] {
    const at = this.clock?.at ?? null;
    const all = [...this.told.values()];
    // A replay that was moved back has told of what lies ahead of it now.
    return at === null ? all : all.filter((event) => event.start <= at);
  }

  event(id: string): VesselEvent | undefined {
    return this.told.get(id);
  }

  eventsOf(vesselId: string): VesselEvent[] {
    return this.events().filter(
      (event) => event.vessel_id === vesselId || event.other_vessel_id === vesselId,
    );
  }

  lead(id: string): Lead | undefined {
    return this.leads.find((lead) => lead.lead_id === id);
  }

  vessel(mmsi: number): Latest | undefined {
    return this.vessels.find((vessel) => vessel.mmsi === mmsi);
  }

  nameOf(mmsi: number): string | null {
    return this.names.get(mmsi) ?? null;
  }

  /** Read all that stands; gives the number of the last alert, behind which the stream goes on. */
  async readEvents(): Promise<string> {
    const answer = await read<VesselEvent>("live/events", { limit: MAX_EVENTS });
    this.told.clear();
    this.clock = answer.clock;
    for (const event of answer.features.map((feature) => feature.properties).reverse())
      this.take(event);
    return String(answer.sequence ?? 0);
  }

  /** Take an alert as it was told. */
  take(event: VesselEvent): void {
    this.told.delete(event.event_id); // what is told last stands at the end
    if (event.status !== "withdrawn") this.told.set(event.event_id, event);
    for (const oldest of this.told.keys()) {
      if (this.told.size <= MAX_EVENTS) return;
      this.told.delete(oldest);
    }
  }

  async readLeads(): Promise<void> {
    const answer = await read<Lead>("live/leads", { limit: MAX_LEADS });
    this.leads = answer.features.map(({ properties }) => ({ ...properties, is_live: true }));
    this.nLeads = answer.numberMatched;
    for (const lead of this.leads) if (lead.name !== null) this.names.set(lead.mmsi, lead.name);
  }

  async readVessels(extent: Extent | null): Promise<void> {
    const query = extent === null ? {} : { bbox: extent.join(",") };
    const answer = await read<Latest>("live/vessels", query);
    this.vessels = answer.features.map((feature) => feature.properties);
    this.nVessels = answer.numberMatched;
    for (const { mmsi, name } of this.vessels) if (name !== null) this.names.set(mmsi, name);
  }
}

async function read<Row>(
  path: string,
  query: Record<string, string | number>,
): Promise<Answer<Row>> {
  const pairs = Object.entries(query).map(([name, value]) => [name, String(value)]);
  return (await readQuietly(`${address(path)}?${new URLSearchParams(pairs)}`)) as Answer<Row>;
}
