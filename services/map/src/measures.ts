/** What was measured, what it was held against, and by how much it passed. */
import { el, foreign } from "./dom";
import { instant, isInstant, nameAndUnit, number, quantity, span } from "./format";
import type { Measure } from "./records";

const RULES: Readonly<Record<string, string>> = {
  ">=": "≥",
  "<=": "≤",
  ">": ">",
  "<": "<",
  "==": "=",
};

export function measuresTable(measures: Readonly<Record<string, Measure>>): HTMLElement {
  const head = ["Measure", "Value", "Threshold", "Margin"].map((title) =>
    el("th", { attributes: { scope: "col" } }, title),
  );
  const rows = Object.entries(measures).map(([column, measure]) => measureRow(column, measure));
  return el(
    "table",
    { class: "measures" },
    el("thead", {}, el("tr", {}, ...head)),
    el("tbody", {}, ...rows),
  );
}

function measureRow(column: string, measure: Measure): HTMLElement {
  const { name, unit } = nameAndUnit(column);
  const title = el("th", { attributes: { scope: "row" } }, name);
  if (isList(measure.value)) {
    const lines = measure.value.map((entry) =>
      el("li", {}, foreign(valueText(column, entry, unit))),
    );
    return el(
      "tr",
      {},
      title,
      el("td", { class: "wide", attributes: { colspan: "3" } }, el("ol", {}, ...lines)),
    );
  }
  const value = el("td", {}, foreign(valueText(column, measure.value, unit)));
  if (measure.threshold === undefined || measure.threshold === null) {
    return el("tr", {}, title, value, el("td", {}), el("td", {}));
  }
  const rule = RULES[measure.rule ?? ""] ?? "";
  return el(
    "tr",
    {},
    title,
    value,
    el("td", {}, `${rule} ${valueText(column, measure.threshold, unit)}`.trim()),
    el("td", {}, typeof measure.margin === "number" ? signed(measure.margin, unit) : ""),
  );
}

const isList = (value: unknown): value is unknown[] => Array.isArray(value) && value.length > 0;

function signed(margin: number, unit: string): string {
  const sign = margin > 0 ? "+" : margin < 0 ? "−" : "";
  return `${sign}${quantity(Math.abs(margin), unit)}`;
}

function valueText(column: string, value: unknown, unit: string): string {
  if (typeof value === "number")
    return /(^|_)(mmsi|imo)$/.test(column) ? String(value) : quantity(value, unit);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return isInstant(value) ? instant(value) : value;
  if (Array.isArray(value)) {
    return value.map((entry) => valueText(column, entry, unit)).join(", ") || "none";
  }
  if (typeof value === "object" && value !== null)
    return recordText(value as Record<string, unknown>);
  return "unknown";
}

/** One entry of a list, such as a leg of a detour: its miles, then when. */
function recordText(entry: Record<string, unknown>): string {
  const { start, end, ...rest } = entry;
  const parts = Object.entries(rest)
    .filter(([column]) => !/(^|_)(lat|lon)$/.test(column)) // the chart shows places
    .map(([column, value]) => {
      const { name, unit } = nameAndUnit(column);
      if (typeof value === "number" && column === "nm") return `${number(value)} nm`;
      return `${name} ${valueText(column, value, unit)}`;
    });
  if (typeof start === "string" && typeof end === "string") parts.push(span(start, end));
  return parts.join(", ");
}
