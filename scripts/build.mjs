// dist/: one bundle for all entries, split so that each command loads only what it imports.
// Built beside and moved into place, so that whoever runs bin/reprise meanwhile finds it whole.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const fresh = `.cache/dist-${process.pid}`;
const old = `${fresh}-old`;
mkdirSync(".cache", { recursive: true });

await build({
  entryPoints: {
    index: "src/index.ts",
    "cli/main": "src/cli/main.ts",
    // A thread's own program; src/store/hashing/hash-pool.ts knows where it lies.
    "store/hash-worker": "src/store/hashing/hash-worker.ts",
  },
  outdir: fresh,
  chunkNames: "chunk/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24.15",
  conditions: ["source"],
  // Pure JavaScript we bundle for a fast start; what a user may lack stays outside, imported lazily.
  external: ["pg", "@duckdb/node-api", "@aws-sdk/*"],
  // Some bundled packages are CommonJS and call require for Node's own modules.
  banner: {
    js: 'import { createRequire as reprise$require } from "node:module"; const require = reprise$require(import.meta.url);',
  },
  sourcemap: true,
  logLevel: "warning",
}).catch(() => {
  // esbuild has said what is wrong; the dist/ that was there stays.
  rmSync(fresh, { recursive: true, force: true });
  process.exit(1);
});

// Emitted even when the types are wrong: `--lenient` leaves that verdict to `npm run check`.
const tsc = spawnSync("node_modules/.bin/tsc", ["-p", "tsconfig.build.json", "--outDir", fresh], { stdio: "inherit" });

if (existsSync("dist")) renameSync("dist", old);
renameSync(fresh, "dist");
rmSync(old, { recursive: true, force: true });
if (tsc.status !== 0 && !process.argv.includes("--lenient")) process.exitCode = 1;
