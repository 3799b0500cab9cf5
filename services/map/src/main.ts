/** Puts the page together: chart, legend, lists, evidence. */
import "maplibre-gl/dist/maplibre-gl.css";
import "./page.css";
import "./lists.css";
import "./evidence.css";
import "./chart.css";
import "./live.css";
import { reasonOf } from "./api";
import { byId } from "./dom";
import { figureFrame } from "./graticule";
import { listLeads } from "./leads";
import { createLegend } from "./legend";
import { Live } from "./live";
import { LiveBook } from "./live_book";
import { answerPointer, createChart, flyTo } from "./map";
import { unfinished } from "./ready";
import type { Lead } from "./records";
import { addressed, Selection } from "./selection";
import { useFold, useTabs } from "./tabs";
import { listVoyages } from "./voyages";

const OVERVIEW_ZOOM = 5; // the first view shows where in the world, not which quay

async function start(): Promise<void> {
  const hasView = addressed().has("map"); // before MapLibre writes it there
  const whenDrawn = createChart(byId("map"));
  const book = new LiveBook();
  const whenChoosing = whenDrawn.then((chart) => new Selection(chart, byId("evidence"), book));
  const choose = (type: "lead" | "voyage", id: string): void =>
    void whenChoosing.then((it) => it.choose(type, id));
  let leads: Lead[] = [];
  useFold();
  const readVoyages = (): void => void listVoyages(byId("voyages"), (id) => choose("voyage", id));
  const showTab = useTabs(["live", "leads", "voyages"], { voyages: readVoyages });
  const readLeads = (): Promise<void> =>
    listLeads(
      byId("leads"),
      (id) => choose("lead", id),
      (read) => {
        leads = read;
        void whenChoosing.then((it) => it.know(read));
      },
    );
  // The list does not wait for the land to be drawn.
  const whenListed = readLeads();
  const whenFollowed = new Live({
    whenDrawn,
    book,
    isViewChosen: () => hasView || addressed().has("lead"),
    choose: (id) => choose("lead", id),
    begun: (isAtOnce) => {
      byId("tab-live").hidden = false;
      // Later, whoever looks at something else goes on looking at it.
      if (isAtOnce) showTab("live");
    },
    ended: () => {
      void readLeads();
      readVoyages();
    },
    openRecord: () => showTab("leads"),
    toldAnew: (event) => void whenChoosing.then((it) => it.toldAnew(event)),
  }).start();
  const [chart, selection] = await Promise.all([whenDrawn, whenChoosing]);
  chart.on("error", ({ error }) => notify(`Part of the map could not be read. ${error.message}`));
  figureFrame(chart, byId("map"));
  createLegend(byId("legend"), chart);
  answerPointer(chart, (hit) => void selection.answer(hit));
  await whenListed;
  const isFollowing = await whenFollowed;
  if (await selection.follow(hasView)) return;
  if (!hasView && !isFollowing)
    flyTo(
      chart,
      leads.map((lead) => [lead.lon, lead.lat]),
      OVERVIEW_ZOOM,
    );
}

function notify(message: string): void {
  const notice = byId("notice");
  notice.textContent = message;
  notice.hidden = false;
}

unfinished(start()).catch((error: unknown) =>
  notify(`The map could not be drawn. ${reasonOf(error)}`),
);
