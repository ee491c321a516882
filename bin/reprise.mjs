// Started by bin/reprise. Plain old syntax: an outdated Node must get as far as the message below.
import { existsSync } from "node:fs";
import * as module from "node:module";

const [major, minor] = process.versions.node.split(".").map(Number);
const main = new URL("../dist/cli/main.js", import.meta.url);

if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(
    `reprise: this is Node ${process.versions.node}, and Reprise needs 24.15 or newer.\n` +
      "  Run `npm ci` in the checkout (it brings one), or put a newer Node first on PATH.\n",
  );
  process.exitCode = 70;
} else if (!existsSync(main)) {
  process.stderr.write("reprise: not built yet.\n  Run `npm run build` in the checkout.\n");
  process.exitCode = 70;
} else {
  module.enableCompileCache();
  await import(main.href);
}
