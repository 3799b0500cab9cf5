/** The ranking of a feed's alerts: entries change in place, and the analyst keeps the place. */
import { button, el, state } from "./dom";
import { number } from "./format";
import { leadEntry } from "./leads";
import type { LiveBook } from "./live_book";
import type { Clock } from "./live_records";
import type { Lead } from "./records";

interface Entry {
  item: HTMLLIElement;
  said: string; // what the entry shows, so that only what changed is drawn anew
}

export class LiveList {
  private readonly list = el("ol", { class: "leads live-leads" });
  private readonly foot = el("div", {});
  private readonly entries = new Map<string, Entry>();
  private isOrderDue = false;

  constructor(
    private readonly box: HTMLElement,
    private readonly onChoose: (id: string) => void,
    private readonly onRecord: () => void,
  ) {
    box.replaceChildren(this.list, this.foot);
    box.addEventListener("pointerleave", () => {
      if (this.isOrderDue) this.keepPlace(() => this.order());
    });
  }

  draw(book: LiveBook): void {
    this.keepPlace(() => {
      for (const lead of book.leads) this.put(lead, book);
      const ids = new Set(book.leads.map((lead) => lead.vessel_id));
      for (const [id, { item }] of this.entries) {
        if (ids.has(id)) continue;
        item.remove();
        this.entries.delete(id);
      }
      this.order();
    });
    this.foot.replaceChildren(...this.footOf(book));
  }

  private put(lead: Lead, book: LiveBook): void {
    const isOpen = book.eventsOf(lead.vessel_id).some((event) => event.is_open);
    const said = JSON.stringify([lead, isOpen]);
    const known = this.entries.get(lead.vessel_id);
    if (known?.said === said) return;
    const isChosen = known?.item.querySelector(".chosen") !== null && known !== undefined;
    const hasFocus = known?.item.contains(document.activeElement) === true;
    const entry = leadEntry(lead, this.onChoose, isOpen ? "goes on" : null);
    const item = known?.item ?? el("li", {});
    item.dataset["rank"] = String(lead.rank);
    item.replaceChildren(entry);
    if (isChosen) {
      entry.classList.add("chosen");
      entry.setAttribute("aria-current", "true");
    }
    if (hasFocus) entry.focus({ preventScroll: true });
    if (known === undefined) {
      item.classList.add("fresh"); // lights up once
      this.list.append(item);
    }
    this.entries.set(lead.vessel_id, { item, said });
  }

  /** Put the entries in order of rank; not under the analyst's pointer. */
  private order(): void {
    const items = [...this.entries.values()].map(({ item }) => item);
    items.sort((a, b) => Number(a.dataset["rank"]) - Number(b.dataset["rank"]));
    const isInOrder = items.every((item, i) => this.list.children[i] === item);
    this.isOrderDue = !isInOrder && this.list.matches(":hover");
    if (isInOrder || this.isOrderDue) return;
    const focused = document.activeElement;
    this.list.append(...items);
    if (focused instanceof HTMLElement && this.list.contains(focused))
      focused.focus({ preventScroll: true }); // moving an element takes the focus away
  }

  /** Change the list without moving what is looked at: the chosen entry, or the first in sight. */
  private keepPlace(change: () => void): void {
    const top = this.box.scrollTop;
    const inSight = (item: Element): boolean => {
      const { top: above, bottom: below } = item.getBoundingClientRect();
      const frame = this.box.getBoundingClientRect();
      return below > frame.top && above < frame.bottom;
    };
    const items = top > 0 ? [...this.list.children].filter(inSight) : [];
    const anchor = items.find((item) => item.querySelector(".chosen") !== null) ?? items[0];
    const before = anchor?.getBoundingClientRect().top ?? 0;
    change();
    if (anchor?.isConnected === true)
      this.box.scrollTop += anchor.getBoundingClientRect().top - before;
    else this.box.scrollTop = top;
  }

  private footOf(book: LiveBook): HTMLElement[] {
    if (book.clock?.state === "ended" && book.clock.source === "replay")
      return [
        el(
          "div",
          { class: "state", attributes: { role: "status" } },
          el(
            "p",
            {},
            "The replay has ended. What it leaves, held against whole voyages, is under Leads.",
          ),
          button("To the leads", this.onRecord),
        ),
      ];
    if (book.leads.length === 0) return [state("empty", emptyText(book))];
    const more = book.nLeads - book.leads.length;
    return more > 0 ? [el("p", { class: "quiet more" }, `And ${number(more)} more.`)] : [];
  }
}

/** Why there is nothing to see yet: nobody should wonder whether it works. */
function emptyText(book: LiveBook): string {
  const { clock } = book;
  if (clock === null || clock.state === "reading")
    return "The archives are read before they are played. Vessels and alerts appear here and on the chart.";
  const heard = `${number(clock.n_vessels)} ${clock.n_vessels === 1 ? "vessel" : "vessels"} heard`;
  const n = book.events().length;
  if (n === 0) return `Nothing flagged so far; ${heard}. ${RULES[clock.source]}`;
  const events = n === 1 ? "The one event" : `All ${number(n)} events`;
  return `No vessel to look at first so far; ${heard}. ${events} on the chart may well be innocent.`;
}

const RULES: Readonly<Record<Clock["source"], string>> = {
  replay:
    "An alert comes when its rule is met, in the time of the replay: a drift takes ten minutes, loitering an hour.",
  listen: "An alert comes when its rule is met: a drift takes ten minutes, loitering an hour.",
};
