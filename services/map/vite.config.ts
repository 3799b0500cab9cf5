/** How the map is built: relative addresses, one worker of its own, licences and source hash beside it. */
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const ROOM = dirname(fileURLToPath(import.meta.url));
const BUNDLED = ["maplibre-gl", "topojson-client"];

/** The text of every file that decides what is built, as one digest; a test compares it with the tree. */
function sourceDigest(): string {
  const inFolder = (folder: string): string[] =>
    readdirSync(join(ROOM, folder)).map((name) => `${folder}/${name}`);
  const paths = ["index.html", "package-lock.json", "tsconfig.json", "vite.config.ts"];
  const digest = createHash("sha256");
  for (const path of [...paths, ...inFolder("public"), ...inFolder("src")].sort()) {
    digest
      .update(`${path}\0`)
      .update(readFileSync(join(ROOM, path)))
      .update("\0");
  }
  return digest.digest("hex");
}

function licenceOf(name: string): string {
  const folder = join(ROOM, "node_modules", name);
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} ships no licence text`);
  return `${name}\n${"=".repeat(name.length)}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
}

function companions(): Plugin {
  return {
    name: "companions",
    generateBundle() {
      const licences = BUNDLED.map(licenceOf).join("\n\n");
      this.emitFile({ type: "asset", fileName: "THIRD_PARTY_LICENCES.txt", source: licences });
      this.emitFile({ type: "asset", fileName: "source.sha256", source: `${sourceDigest()}\n` });
    },
  };
}

export default defineConfig({
  base: "./",
  // MapLibre 6 is an ES module with a worker of its own, which must stay a module too.
  worker: { format: "es" },
  optimizeDeps: { exclude: ["maplibre-gl"] },
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    sourcemap: false,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
  plugins: [companions()],
});
