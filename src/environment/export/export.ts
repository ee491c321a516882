import { runTool } from "#exec";
import { isUnknown, RepriseError, type RunRecord, unknown } from "#record";
import { findTool } from "../build/programs.ts";
import { type ReadObject, recordedHashes } from "../lock-hashes.ts";
import { normalName } from "../name.ts";
import type { EnvironmentRecipe } from "../recipe.ts";
import { apptainerFile } from "./apptainer.ts";
import { condaFile } from "./conda.ts";
import { imageOf } from "./container.ts";
import { dockerfile } from "./dockerfile.ts";
import { askHashes, type Hashes } from "./hashes.ts";
import { lockOf } from "./lock.ts";
import { type ExportedFile, pinLines, unhashed, type Written, writtenFrom } from "./pins.ts";
import { poetryFiles, uvFiles } from "./projects.ts";
import { requirementsFile } from "./requirements.ts";
import { composeFile, devcontainerFile } from "./services.ts";

const EXPORT_FORMATS = [
  "requirements",
  "conda",
  "uv",
  "poetry",
  "dockerfile",
  "compose",
  "devcontainer",
  "apptainer",
] as const;
export type EnvironmentFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportOptions {
  readonly run: RunRecord;
  readonly recipe: EnvironmentRecipe;
  readonly format: EnvironmentFormat;
  readonly env: Readonly<Record<string, string>>;
  /** Ask the indexes for hashes, and a registry for the digest of the base image. */
  readonly online: boolean;
  /** Of the store: the run's own lock files may be there, with hashes. */
  readonly readObject: ReadObject;
  /** The image that containers begin with; Python's official one when left out. */
  readonly base?: string;
  readonly onProgress?: (words: string) => void;
}

export interface ExportedEnvironment {
  /** The first is what was asked for; it needs the others beside it. */
  readonly files: readonly [ExportedFile, ...ExportedFile[]];
  /** What could not be pinned or is not in the files, and why. */
  readonly notes: readonly string[];
}

const CONTAINERS: ReadonlySet<EnvironmentFormat> = new Set(["dockerfile", "compose", "devcontainer", "apptainer"]);
const HASHED: ReadonlySet<EnvironmentFormat> = new Set(["requirements", ...CONTAINERS]);

function filesOf(format: EnvironmentFormat, written: Written): readonly [ExportedFile, ...ExportedFile[]] {
  const requirements = requirementsFile(written);
  const docker = dockerfile(written);
  switch (format) {
    case "requirements":
      return [requirements];
    case "conda":
      return [condaFile(written)];
    case "uv":
    case "poetry": {
      const [first, ...rest] = format === "uv" ? uvFiles(written) : poetryFiles(written);
      return [first ?? requirements, ...rest];
    }
    case "dockerfile":
      return [docker, requirements];
    case "compose":
      return [composeFile(written), docker, requirements];
    case "devcontainer":
      return [devcontainerFile(written), docker, requirements];
    case "apptainer":
      return [apptainerFile(written), requirements];
  }
}

/** A tag can be moved; a digest cannot. Docker is asked for it where it is installed. */
async function pinned(image: string, { env, online }: ExportOptions): Promise<{ image: string; note: string | null }> {
  if (image.includes("@sha256:")) return { image, note: null };
  const docker = online ? findTool("docker", env) : null;
  const unpinned = (why: string) => ({
    image,
    note: `the digest of ${image} is not known (${why}): pin it with --base IMAGE@sha256:…`,
  });
  if (docker === null) return unpinned(online ? "docker is not installed" : "--offline");
  const argv = [...docker, "buildx", "imagetools", "inspect", image, "--format", "{{.Manifest.Digest}}"] as const;
  const asked = await runTool({ argv, cwd: "/", env, timeoutMs: 30_000 });
  const digest = /sha256:[0-9a-f]{64}/.exec(asked.stdout)?.[0];
  return asked.ok && digest !== undefined
    ? { image: `${image}@${digest}`, note: null }
    : unpinned("docker could not ask for it");
}

const IMAGE = /^[a-z0-9][\w.:/-]*(?:@sha256:[0-9a-f]{64})?$/i;

/** A recorded environment as the files of another tool. */
export async function exportEnvironment(options: ExportOptions): Promise<ExportedEnvironment> {
  const { run, recipe, format, env, online, onProgress } = options;
  if (options.base !== undefined && !IMAGE.test(options.base))
    throw new RepriseError(
      "USAGE",
      "usage",
      `--base ${options.base}: no name of an image`,
      "--base python:3.11.2-slim@sha256:…",
    );
  const notes: string[] = [...recipe.notes];
  const lines = pinLines(recipe);
  const locked = await recordedHashes(run, options.readObject);
  const known = recipe.packages.flatMap(({ name, version }) => {
    const found = locked.get(`${normalName(name)}==${version}`);
    return found === undefined ? [] : [[normalName(name), found] as const];
  });
  let hashes: Hashes = new Map(known);
  const open = lines.filter(({ name }) => !hashes.has(normalName(name)));
  if (HASHED.has(format) && online && open.length > 0) {
    onProgress?.(`asking for the hashes of ${open.length} packages`);
    hashes = new Map([...(await askHashes(run, recipe, open, env)), ...known]);
  }
  const without = HASHED.has(format) ? unhashed(lines, hashes) : [];
  if (without.length > 0) {
    const [first] = without;
    const more = without.length > 1 ? ` and ${without.length - 1} more` : "";
    notes.push(
      `written without hashes, as pip takes all or none: not known of ${first?.name ?? ""}${more} (${online ? (first?.why ?? "") : "--offline"})`,
    );
  }
  let base = "";
  if (CONTAINERS.has(format)) {
    const usual = imageOf(run, recipe.python.version);
    const found = await pinned(options.base ?? usual.image, options);
    base = found.image;
    notes.push(...[options.base === undefined ? usual.note : null, found.note].filter((note) => note !== null));
  }
  const written = writtenFrom(run, recipe, hashes, base);
  const files = filesOf(format, written);
  if (format !== "uv" && format !== "poetry") return { files, notes };
  onProgress?.(`locking ${lines.length} packages with ${format}`);
  const lock = online ? await lockOf(format, files, written, env) : unknown("--offline");
  if (!isUnknown(lock)) return { files: [...files, lock], notes };
  return { files, notes: [...notes, `without a lock file (${lock.unknown}): ${format} lock makes it`] };
}
