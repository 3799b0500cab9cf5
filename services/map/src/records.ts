/** What the server's collections hold: the columns of the tables as they arrive in JSON. */

export interface Reason {
  event_id: string;
  kind: string;
  weight: number;
  confidence: number;
  share: number;
  explanation: string;
}

export interface Lead {
  lead_id: string;
  rank: number;
  vessel_id: string;
  mmsi: number;
  name: string | null;
  score: number;
  window_start: string;
  window_end: string;
  reasons: Reason[];
  sentence: string;
  what_would_clear_it: string;
  watch_list: string[];
  is_live?: true; // as the alerts of a feed rank it; the record may not have it yet
  lat: number;
  lon: number;
}

export interface Measure {
  value: unknown;
  threshold?: number | string | boolean | null;
  rule?: string;
  margin?: number | null;
}

export interface EvidenceRange {
  mmsi: number;
  vessel_id: string;
  start: string;
  end: string;
  n: number;
}

export interface VesselEvent {
  event_id: string;
  kind: string;
  status: string;
  vessel_id: string;
  mmsi: number;
  other_vessel_id: string | null;
  other_mmsi: number | null;
  start: string;
  end: string;
  is_open: boolean;
  lat: number;
  lon: number;
  start_lat: number;
  start_lon: number;
  end_lat: number;
  end_lon: number;
  duration_h: number;
  preset: string;
  confidence: number;
  measures: Record<string, Measure>;
  innocent: { tested: string[]; holds: string[] };
  evidence: EvidenceRange[];
  explanation: string;
  revision: number;
  sequence?: number; // of the alert, where it was told live; the record may not have it yet
}

/** The voyage that an event was measured on, where its kind has one. */
export function voyageOf(event: VesselEvent): string | null {
  const id = event.measures["voyage_id"]?.value;
  return typeof id === "string" ? id : null;
}

export interface Vessel {
  vessel_id: string;
  mmsi: number;
  name: string | null;
  imo: number | null;
  callsign: string | null;
  flag: string | null;
  ship_type_name: string | null;
  length_m: number | null;
  beam_m: number | null;
  draught_m: number | null;
  first_seen: string;
  last_seen: string;
  n_positions: number;
}

export interface Voyage {
  voyage_id: string;
  vessel_id: string;
  mmsi: number;
  origin: string | null;
  origin_by: string;
  destination: string | null;
  destination_by: string;
  start: string;
  end: string;
  is_open: boolean;
  start_lat: number;
  start_lon: number;
  end_lat: number;
  end_lon: number;
  travelled_nm: number;
  shortest_nm: number | null;
  excess_nm: number | null;
  detour_ratio: number | null;
  max_cross_track_nm: number | null;
  passages: string[];
  coverage_frac: number | null;
}

/** A place as MapLibre and GeoJSON have it: longitude first [deg]. */
export type Place = [lon: number, lat: number];
