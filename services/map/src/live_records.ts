/** What a feed or a replay says of itself, as it arrives in JSON. */

export interface Clock {
  id: string;
  source: "replay" | "listen";
  state: "reading" | "playing" | "paused" | "listening" | "analysing" | "ended";
  at: string | null; // event time
  since: string | null;
  until: string | null;
  speed: number | null; // null: as fast as it can, or live
  behind_s: number | null;
  age_s: number; // how long ago it was said
  n_vessels: number;
  n_latest: number; // another number, other positions
  n_leads: number;
}

/** A transmitter at its latest position. */
export interface Latest {
  mmsi: number;
  name: string | null;
  timestamp: string;
  lat: number;
  lon: number;
  sog_kn: number | null;
  cog_deg: number | null;
  heading_deg: number | null;
  nav_status: number | null;
}
