/** Tells the outside (tests, screenshots) when the page has come to rest. */
import type { Map as Chart } from "maplibre-gl";

declare global {
  interface Window {
    vesseltrackReady: boolean;
  }
}

let nRequests = 0;
let chart: Chart | undefined;
window.vesseltrackReady = false;

/** Count a request as unfinished business until it ends. */
export async function unfinished<T>(request: Promise<T>): Promise<T> {
  nRequests += 1;
  window.vesseltrackReady = false;
  try {
    return await request;
  } finally {
    nRequests -= 1;
    // Idle comes only after a drawn frame, so ask for one.
    if (nRequests === 0) chart?.triggerRepaint();
  }
}

/** Follow a map: at rest when it is idle and no request is open. */
export function watch(map: Chart): void {
  chart = map;
  map.on("movestart", () => (window.vesseltrackReady = false));
  map.on("dataloading", () => (window.vesseltrackReady = false));
  map.on("idle", () => (window.vesseltrackReady = nRequests === 0));
}
