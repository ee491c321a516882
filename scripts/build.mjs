// dist/: one bundle for both entries, split so that each command loads only what it imports.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { build } from "esbuild";

process.chdir(new URL("..", import.meta.url).pathname);
rmSync("dist", { recursive: true, force: true });

await build({
  entryPoints: { index: "src/index.ts", "cli/main": "src/cli/main.ts" },
  outdir: "dist",
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
});

if (!process.argv.includes("--no-types")) {
  execFileSync("tsc", ["-p", "tsconfig.build.json"], { stdio: "inherit" });
}
