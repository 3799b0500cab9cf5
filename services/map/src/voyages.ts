/** The list of voyages, held against the shortest route by sea. */
import { item, items, reasonOf } from "./api";
import { el, state } from "./dom";
import { number } from "./format";
import type { Voyage } from "./records";
import { shipName } from "./views";
import { passageNames, port } from "./voyage_view";

const PAGE = 200;
const MIN_SHORTEST_NM = 20; // below it a ratio says nothing
const N_COLUMNS = 5;

type Choose = (id: string) => void;

/** Fill the table; names follow when they are read. */
export async function listVoyages(box: HTMLElement, onChoose: Choose): Promise<void> {
  box.replaceChildren(state("waiting", "Reading voyages…"));
  try {
    const { rows, matched } = await items("voyages", { limit: PAGE });
    if (rows.length === 0) {
      box.replaceChildren(state("empty", "No voyages in this store."));
      return;
    }
    box.replaceChildren(table(rows, onChoose));
    if (matched > rows.length) {
      box.append(el("p", { class: "quiet more" }, `The first ${rows.length} of ${matched}.`));
    }
    await fillNames(box);
  } catch (error) {
    const text = `Voyages could not be read. ${reasonOf(error)}`;
    box.replaceChildren(state("failed", text, () => void listVoyages(box, onChoose)));
  }
}

/** Voyages carry no names: read each vessel once and write its name wherever it sails. */
async function fillNames(box: HTMLElement): Promise<void> {
  const cells = [...box.querySelectorAll<HTMLElement>("[data-vessel]")];
  const ids = new Set(cells.map((cell) => cell.dataset["vessel"] ?? ""));
  const reads = [...ids].map(async (id) => {
    const { properties } = await item("vessels", id);
    for (const cell of cells) {
      if (cell.dataset["vessel"] === id) cell.replaceChildren(shipName(properties.name));
    }
  });
  await Promise.all(reads);
}

function table(rows: readonly Voyage[], onChoose: Choose): HTMLElement {
  const head = ["Vessel", "From, to", "Sailed nm", "Shortest nm", "Ratio"].map((name) =>
    el("th", { attributes: { scope: "col" } }, name),
  );
  const whole = rows.filter(isWhole).sort((a, b) => ratioOf(b) - ratioOf(a));
  const others = rows.filter((voyage) => !isWhole(voyage));
  others.sort((a, b) => b.travelled_nm - a.travelled_nm);
  return el(
    "table",
    { class: "voyages" },
    el("caption", {}, "Voyages against the shortest route"),
    el("thead", {}, el("tr", {}, ...head)),
    el("tbody", {}, ...whole.map((voyage) => row(voyage, onChoose))),
    others.length === 0
      ? null
      : el("tbody", {}, divider(), ...others.map((voyage) => row(voyage, onChoose))),
  );
}

/** From a known port to a known port, and long enough for a ratio to mean something. */
function isWhole(voyage: Voyage): boolean {
  const areEndsKnown = voyage.origin !== null && voyage.destination !== null;
  return areEndsKnown && (voyage.shortest_nm ?? 0) >= MIN_SHORTEST_NM;
}

function ratioOf(voyage: Voyage): number {
  return voyage.detour_ratio ?? 0;
}

function divider(): HTMLElement {
  const attributes = { colspan: String(N_COLUMNS), scope: "rowgroup" };
  const text = "Short, round, or cut off where the data begin or end";
  return el("tr", { class: "divider" }, el("th", { attributes }, text));
}

function row(voyage: Voyage, onChoose: Choose): HTMLElement {
  const vessel = el(
    "button",
    { class: "cell", attributes: { type: "button" } },
    el("span", { attributes: { "data-vessel": voyage.vessel_id } }, "…"),
    el("span", { class: "quiet block" }, String(voyage.mmsi)),
  );
  const via = el("span", { class: "quiet block" }, `via ${passageNames(voyage)}`);
  const passages = voyage.passages.length === 0 ? null : via;
  const figures = [
    rounded(voyage.travelled_nm),
    rounded(voyage.shortest_nm),
    (voyage.shortest_nm ?? 0) < MIN_SHORTEST_NM ? "–" : ratioOf(voyage).toFixed(2),
  ].map((text) => el("td", { class: "figure" }, text));
  return el(
    "tr",
    { attributes: { "data-id": voyage.voyage_id }, onClick: () => onChoose(voyage.voyage_id) },
    el("th", { attributes: { scope: "row" } }, vessel),
    el("td", {}, port(voyage.origin), " → ", port(voyage.destination), passages),
    ...figures,
  );
}

function rounded(nm: number | null): string {
  return nm === null ? "–" : number(Math.round(nm));
}
