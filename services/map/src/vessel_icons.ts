/** The signs of vessels on the chart: an arrow for one under way, a dot for one that lies. */
import type { Map as Chart } from "maplibre-gl";
import { SPEED_UNKNOWN, SPEEDS } from "./style";

const SIZE_PX = 22;
const PIXEL_RATIO = 2;
const EDGE = "#07121d";

export const LYING_KN = 0.5; // slower, a course says nothing

/** The name of the sign for a speed and a course. */
export function iconOf(sog_kn: number | null, isCourseKnown: boolean): string {
  const shape = isCourseKnown && (sog_kn ?? LYING_KN) >= LYING_KN ? "arrow" : "dot";
  if (sog_kn === null) return `${shape}-unknown`;
  const nearest = SPEEDS.findLastIndex(([kn]) => sog_kn >= kn);
  return `${shape}-${Math.max(0, nearest)}`;
}

export function addVesselIcons(chart: Chart): void {
  const colours: [string, string][] = SPEEDS.map(([, colour], i) => [String(i), colour]);
  for (const [name, colour] of [...colours, ["unknown", SPEED_UNKNOWN] as const]) {
    chart.addImage(`arrow-${name}`, drawn(arrow, colour), { pixelRatio: PIXEL_RATIO });
    chart.addImage(`dot-${name}`, drawn(dot, colour), { pixelRatio: PIXEL_RATIO });
  }
}

function drawn(shape: (pen: CanvasRenderingContext2D) => void, colour: string): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE_PX * PIXEL_RATIO;
  const pen = canvas.getContext("2d");
  if (pen === null) throw new Error("this browser draws nothing");
  pen.scale(PIXEL_RATIO, PIXEL_RATIO);
  pen.translate(SIZE_PX / 2, SIZE_PX / 2);
  pen.fillStyle = colour;
  pen.strokeStyle = EDGE;
  pen.lineWidth = 1.2;
  pen.lineJoin = "round";
  pen.beginPath();
  shape(pen);
  pen.fill();
  pen.stroke();
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

function arrow(pen: CanvasRenderingContext2D): void {
  pen.moveTo(0, -9.5);
  pen.lineTo(5.5, 7.5);
  pen.lineTo(0, 4.2);
  pen.lineTo(-5.5, 7.5);
  pen.closePath();
}

function dot(pen: CanvasRenderingContext2D): void {
  pen.arc(0, 0, 3.4, 0, 2 * Math.PI);
}
