/** Reads the server's collections; every address is relative to the page, so any prefix works. */
import type { Geometry } from "geojson";
import { unfinished } from "./ready";
import type { Lead, Vessel, VesselEvent, Voyage } from "./records";

interface Rows {
  leads: Lead;
  events: VesselEvent;
  voyages: Voyage;
  vessels: Vessel;
}

export interface Page<Row> {
  rows: Row[];
  matched: number;
}

/** One item: its columns, and where it lies. */
export interface Found<Row> {
  properties: Row;
  geometry: Geometry | null;
}

/** What the server said when it could not answer. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** What went wrong, in the words of whoever noticed. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function address(path: string): string {
  return new URL(`../${path}`, document.baseURI).href;
}

export function itemAddress(collection: keyof Rows, id: string): string {
  return address(`collections/${collection}/items/${encodeURIComponent(id)}`);
}

export function itemsAddress(
  collection: keyof Rows | "tracks",
  query: Record<string, string | number>,
): string {
  const pairs = Object.entries(query).map(([name, value]) => [name, String(value)]);
  return address(`collections/${collection}/items?${new URLSearchParams(pairs)}`);
}

async function fetchJson(url: string, signal?: AbortSignal): Promise<unknown> {
  const response = await fetch(url, signal ? { signal } : {});
  if (!response.ok) throw new ApiError(await complaint(response), response.status);
  return response.json();
}

/** Ask the server to do something; what it refuses is an error with its reason. */
export async function send(method: "PATCH", url: string, what: object): Promise<void> {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(url, { method, headers, body: JSON.stringify(what) });
  if (!response.ok) throw new ApiError(await complaint(response), response.status);
}

/** The reason out of a problem document (RFC 9457), or the bare status. */
async function complaint(response: Response): Promise<string> {
  const status = `The server answered ${response.status}`;
  try {
    const problem = (await response.json()) as { title?: string; detail?: string };
    return problem.detail ?? problem.title ?? status;
  } catch {
    return status;
  }
}

/** JSON of the server that is asked for again and again: the page counts as at rest meanwhile. */
export function readQuietly(url: string): Promise<unknown> {
  return fetchJson(url);
}

/** Any JSON of the server, counted as unfinished business until it is here. */
export function readJson(url: string, signal?: AbortSignal): Promise<unknown> {
  return unfinished(fetchJson(url, signal));
}

export async function items<C extends keyof Rows>(
  collection: C,
  query: Record<string, string | number>,
  signal?: AbortSignal,
): Promise<Page<Rows[C]>> {
  const answer = (await readJson(itemsAddress(collection, query), signal)) as {
    features: { properties: Rows[C] }[];
    numberMatched?: number;
  };
  const rows = answer.features.map((feature) => feature.properties);
  return { rows, matched: answer.numberMatched ?? rows.length };
}

export async function item<C extends keyof Rows>(
  collection: C,
  id: string,
  signal?: AbortSignal,
): Promise<Found<Rows[C]>> {
  return (await readJson(itemAddress(collection, id), signal)) as Found<Rows[C]>;
}
