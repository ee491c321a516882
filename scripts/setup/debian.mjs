// Programs that some tests start and that npm and pip do not have: from Debian, where we may install.
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { SetupError, step } from "./checkout.mjs";

function isThere(program) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/bin"];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Installs what is missing when we are root on a Debian. Elsewhere, and when it fails, the tests that need a program say
 * that they were skipped, and why.
 *
 * @param packages program → package that has it
 */
export function ensureDebian(packages) {
  const missing = Object.entries(packages).filter(([program]) => !isThere(program));
  if (missing.length === 0) return;
  const names = [...new Set(missing.map(([, name]) => name))];
  if (process.getuid?.() !== 0 || !isThere("apt-get")) {
    process.stderr.write(
      `• not there: ${missing.map(([program]) => program).join(", ")}; tests that need it are skipped\n`,
    );
    return;
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = () =>
    step(
      `apt-get install ${names.join(" ")}`,
      "apt-get",
      ["install", "-y", "-q", "--no-install-recommends", ...names],
      { env },
    );
  try {
    // The lists of a fresh machine are empty, those of an old one out of date.
    const listed = spawnSync("apt-get", ["install", "-s", "-q", ...names], { env }).status === 0;
    if (!listed) step("apt-get update", "apt-get", ["update", "-q"], { env });
    install();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`• ${error.message.split("\n")[0]}; tests that need it are skipped\n`);
  }
}
