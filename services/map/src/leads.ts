/** The ranked list of leads. */
import { items, reasonOf } from "./api";
import { el, foreign, state } from "./dom";
import { kindOf, mark } from "./kinds";
import type { Lead } from "./records";
import { scoreBar, shipName } from "./views";

const PAGE = 100;

/** Fill the list; what was read goes to `onRead`, at once or after another try. */
export async function listLeads(
  box: HTMLElement,
  onChoose: (id: string) => void,
  onRead: (leads: Lead[]) => void,
): Promise<void> {
  box.replaceChildren(state("waiting", "Reading leads…"));
  try {
    const { rows, matched } = await items("leads", { limit: PAGE });
    if (rows.length === 0) {
      box.replaceChildren(
        state(
          "empty",
          "No leads in this store. Nothing in it met a rule without an innocent explanation, or no archive has been run yet.",
        ),
      );
      return;
    }
    const entries = rows.map((lead) => el("li", {}, leadEntry(lead, onChoose)));
    box.replaceChildren(el("ol", { class: "leads" }, ...entries));
    if (matched > rows.length)
      box.append(el("p", { class: "quiet more" }, `The first ${rows.length} of ${matched}.`));
    onRead(rows);
  } catch (error) {
    box.replaceChildren(
      state(
        "failed",
        `Leads could not be read. ${reasonOf(error)}`,
        () => void listLeads(box, onChoose, onRead),
      ),
    );
  }
}

/** A lead as a button; `note` stands beside its kinds. */
export function leadEntry(
  lead: Lead,
  onChoose: (id: string) => void,
  note: string | null = null,
): HTMLElement {
  const kinds = [...new Set(lead.reasons.map((reason) => reason.kind))];
  const traits = {
    class: "lead",
    attributes: { type: "button", "data-id": lead.lead_id },
    onClick: () => onChoose(lead.lead_id),
  };
  return el(
    "button",
    traits,
    el("span", { class: "rank" }, String(lead.rank)),
    el(
      "span",
      { class: "who" },
      el("strong", {}, shipName(lead.name)),
      el("span", { class: "quiet" }, `MMSI ${lead.mmsi}`),
    ),
    scoreBar(lead.score),
    el(
      "span",
      { class: "chips" },
      ...kinds.map((kind) => el("span", { class: "chip" }, mark(kind), kindOf(kind).label)),
      note === null ? null : el("span", { class: "chip note" }, note),
    ),
    el("span", { class: "why" }, foreign(lead.sentence)),
  );
}

/** Mark the chosen lead or voyage in the lists, and only it. */
export function markChosen(id: string | null): void {
  for (const node of document.querySelectorAll("[data-id]")) {
    const isChosen = node.getAttribute("data-id") === id;
    node.classList.toggle("chosen", isChosen);
    if (isChosen) {
      node.setAttribute("aria-current", "true");
      node.scrollIntoView({ block: "nearest" });
    } else node.removeAttribute("aria-current");
  }
}
