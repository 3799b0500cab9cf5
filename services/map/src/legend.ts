/** The legend: speeds as a ramp, kinds of events as switches. */
import type { Map as Chart } from "maplibre-gl";
import { el } from "./dom";
import { KINDS, kindOf, mark } from "./kinds";
import { hideKinds } from "./map";
import { SPEEDS } from "./style";

/** Fill the legend; it lists the kinds as the tiles bring them. */
export function createLegend(box: HTMLElement, chart: Chart): void {
  const kinds = el("ul", { class: "kinds" }, el("li", { class: "quiet" }, "none seen so far"));
  box.append(
    el(
      "details",
      { class: "legend-fold", attributes: { open: "" } },
      el("summary", {}, "Legend"),
      el("h2", {}, "Speed"),
      ramp(),
      el("h2", {}, "Events"),
      kinds,
    ),
  );
  if (matchMedia("(max-width: 760px)").matches) box.firstElementChild?.removeAttribute("open");
  const seen = new Set<string>();
  const hidden = new Set<string>();
  const look = (): void => {
    const before = seen.size;
    const found = [
      ...chart.querySourceFeatures("events", { sourceLayer: "events" }),
      ...chart.querySourceFeatures("live-events"),
    ];
    for (const feature of found) seen.add(String(feature.properties["kind"]));
    if (seen.size > before)
      kinds.replaceChildren(...inOrder(seen).map((name) => kindSwitch(name, hidden, chart)));
  };
  chart.on("idle", look);
  // A chart that a feed changes every second is hardly ever idle.
  chart.on("sourcedata", ({ sourceId, isSourceLoaded }) => {
    if (sourceId === "live-events" && isSourceLoaded === true) look();
  });
}

function inOrder(names: ReadonlySet<string>): string[] {
  const order = Object.keys(KINDS);
  const place = (name: string): number =>
    order.includes(name) ? order.indexOf(name) : order.length;
  return [...names].sort((a, b) => place(a) - place(b));
}

function kindSwitch(name: string, hidden: Set<string>, chart: Chart): HTMLElement {
  const box = el("input", { attributes: { type: "checkbox" } });
  box.checked = !hidden.has(name);
  box.addEventListener("change", () => {
    if (box.checked) hidden.delete(name);
    else hidden.add(name);
    hideKinds(chart, hidden);
  });
  return el("li", {}, el("label", {}, box, mark(name), kindOf(name).label));
}

function ramp(): HTMLElement {
  const bar = el("div", { class: "ramp", attributes: { "aria-hidden": "true" } });
  bar.style.backgroundImage = `linear-gradient(to right, ${SPEEDS.map(([, colour]) => colour).join(", ")})`;
  const last = SPEEDS.length - 1;
  const ticks = SPEEDS.map(([kn], i) => el("span", {}, i === last ? `${kn}+ kn` : String(kn)));
  return el("div", {}, bar, el("div", { class: "ticks" }, ...ticks));
}
