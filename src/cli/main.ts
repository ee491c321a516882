import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

if (process.argv[2] === "--version") process.stdout.write(`${manifest.version}\n`);
else {
  process.stderr.write("reprise: only --version is answered yet\n");
  process.exitCode = 2;
}
