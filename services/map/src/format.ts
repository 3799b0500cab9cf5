/** Numbers, times and column names as a person reads them. */

const UNKNOWN = "unknown";

// Units stand at the end of a name: the rule of the tables. Fractions are shown as per cent.
const UNITS: Readonly<Record<string, string>> = {
  m: "m",
  m2: "m²",
  km: "km",
  km2: "km²",
  nm: "nm",
  nm2: "nm²",
  kn: "kn",
  mps: "m/s",
  s: "s",
  min: "min",
  h: "h",
  d: "days",
  deg: "°",
  frac: "%",
};

const CAPITALS = /\b(ais|mmsi|imo|sog|cog|eta|utc|h3)\b/g;

/** A column's name taken apart: `implied_speed_kn` is "Implied speed" in "kn". */
export function nameAndUnit(column: string): { name: string; unit: string } {
  const words = column.split("_");
  const last = words.at(-1) ?? "";
  const unit = words.length > 1 ? UNITS[last] : undefined;
  if (unit !== undefined) words.pop();
  if (words[0] === "n" && words.length > 1) words.splice(0, 1, "number of");
  const plain = words.join(" ").replace(CAPITALS, (word) => word.toUpperCase());
  return { name: plain.charAt(0).toUpperCase() + plain.slice(1), unit: unit ?? "" };
}

/** A number with as many digits as its size deserves. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return UNKNOWN;
  const size = Math.abs(value);
  const digits = Number.isInteger(value) || size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3;
  return value.toLocaleString("en-GB", { maximumFractionDigits: digits });
}

/** A quantity in a unit as `nameAndUnit` gives it. */
export function quantity(value: number, unit: string): string {
  if (unit === "%") return `${number(value * 100)} %`;
  if (unit === "°") return `${number(value)}°`;
  return unit === "" ? number(value) : `${number(value)} ${unit}`;
}

export function perCent(fraction: number): string {
  return `${Math.round(fraction * 100)} %`;
}

export function known(value: number | null, unit = ""): string {
  return value === null ? UNKNOWN : quantity(value, unit);
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

export function isInstant(text: string): boolean {
  return INSTANT.test(text);
}

/** An instant to the minute, `2021-01-03 04:05`; the caller says that it is UTC. */
function minute(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? UNKNOWN : time.toISOString().slice(0, 16).replace("T", " ");
}

/** An instant to the second, with its zone. */
export function second(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime())
    ? UNKNOWN
    : `${time.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

export function instant(iso: string): string {
  return `${minute(iso)} UTC`;
}

/** A span of time; a second half on the same day leaves the day out. */
export function span(start: string, end: string): string {
  const [from, to] = [minute(start), minute(end)];
  const until = from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to;
  return `${from} to ${until} UTC`;
}

/** Degrees and decimal minutes, as charts and bridge crews have them. */
export function position(lat: number, lon: number): string {
  const angle = (value: number, width: number, ends: string): string => {
    const thousandths = Math.round(Math.abs(value) * 60_000);
    const degrees = String(Math.floor(thousandths / 60_000)).padStart(width, "0");
    const minutes = ((thousandths % 60_000) / 1000).toFixed(3).padStart(6, "0");
    return `${degrees}° ${minutes}′ ${ends[value < 0 ? 1 : 0]}`;
  };
  return `${angle(lat, 2, "NS")}, ${angle(lon, 3, "EW")}`;
}
