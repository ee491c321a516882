import { readFileSync } from "node:fs";

/** Two levels up from src/cli and from dist/cli alike. */
function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return (manifest as { readonly version: string }).version;
}

const argv = process.argv.slice(2);
if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) process.stdout.write(`reprise ${version()}\n`);
else {
  const { program } = await import("./program.ts");
  const code = await program(argv, version());
  // What was written is out before the end. Without a hard end Node takes its heap apart first, for 20 ms.
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0) await new Promise((resolve) => stream.once("drain", resolve).once("error", resolve));
  }
  // A write that failed is told in the next turn.
  await new Promise((resolve) => setImmediate(resolve));
  process.exit(code === 0 && typeof process.exitCode === "number" ? process.exitCode : code);
}
