/** The behaviours: how each is called, coloured and lettered on map and chips. */
import { el } from "./dom";

export interface Kind {
  label: string;
  code: string; // two letters in the mark, so that colour is never the only sign
  colour: string;
}

export const KINDS: Readonly<Record<string, Kind>> = {
  route_deviation: { label: "Route deviation", code: "Rd", colour: "#ff8a3d" },
  loitering: { label: "Loitering", code: "Lo", colour: "#ffd23f" },
  encounter: { label: "Encounter", code: "En", colour: "#ff6fb1" },
  drop_pickup: { label: "Drop-off and pick-up", code: "Dp", colour: "#d38bff" },
  ais_gap: { label: "AIS gap", code: "Ga", colour: "#f1f4f7" },
  drifting: { label: "Drifting", code: "Dr", colour: "#e3b88f" },
  sudden_speed_change: { label: "Sudden speed change", code: "Ss", colour: "#b5e853" },
  position_spoofing: { label: "Position in doubt", code: "Ps", colour: "#ff9d94" },
  identity_conflict: { label: "Identity conflict", code: "Ic", colour: "#ff5a52" },
  identity_change: { label: "Identity change", code: "Id", colour: "#ff7e9d" },
  zone_entry: { label: "Zone entry", code: "Zi", colour: "#8fd0ff" },
  zone_exit: { label: "Zone exit", code: "Zo", colour: "#6db3f2" },
  shore_approach: { label: "Shore approach", code: "Sh", colour: "#74e3c0" },
  sortie: { label: "Sortie", code: "So", colour: "#f0a8e8" },
  destination_mismatch: { label: "Destination mismatch", code: "De", colour: "#ffb86b" },
  unusual_for_type: { label: "Unusual for its type", code: "Un", colour: "#c9d1d9" },
};

/** The kind by its name; one we do not know yet is still shown, plainly. */
export function kindOf(name: string): Kind {
  return KINDS[name] ?? { label: name.replaceAll("_", " "), code: "?", colour: "#c9d1d9" };
}

/** The round mark of a kind as the chart draws it. */
export function mark(name: string): HTMLElement {
  const kind = kindOf(name);
  const disc = el("span", { class: "mark", attributes: { "aria-hidden": "true" } }, kind.code);
  disc.style.backgroundColor = kind.colour;
  return disc;
}
