import { runTool } from "#exec";
import type { PackageFact } from "#record";
import { isPlainPin } from "../name.ts";
import type { EnvironmentRecipe } from "../recipe.ts";
import { type Installer, PIP } from "./installer.ts";
import { pythonIn, type ToolCommand } from "./programs.ts";
import { asFile, type Missing, reasonOf } from "./resolve.ts";

type Env = Readonly<Record<string, string>>;

/** `conda-forge` of an address or a name: channels are given to conda by name, addresses as they are. */
const channelName = (channel: string): string =>
  /^https:\/\/(?:conda\.anaconda\.org|repo\.anaconda\.com\/pkgs)\/([\w-]+)(?:\/|$)/.exec(channel)?.[1] ?? channel;

export function condaChannels(packages: readonly PackageFact[]): string[] {
  const channels = packages.flatMap(({ origin }) =>
    origin.kind === "conda" && origin.channel !== ""
      ? [channelName(origin.channel.replace(/\/(?:linux|osx|win)-\w+$|\/noarch$/, ""))]
      : [],
  );
  return [...new Set(channels)];
}

export function condaSpecs(packages: readonly PackageFact[]): string[] {
  return packages.flatMap(({ name, version, origin }) =>
    origin.kind === "conda" && isPlainPin(name.replace(/^_+/, ""), version) ? [`${name}=${version}`] : [],
  );
}

/** conda, mamba or micromamba for what is conda's, and the environment's own pip for the rest. */
export function condaInstaller(conda: ToolCommand, { packages }: EnvironmentRecipe): Installer {
  const channels = condaChannels(packages).flatMap((channel) => ["--channel", channel]);
  const create = (folder: string, more: readonly string[]): ToolCommand => [
    ...conda,
    "create",
    "--yes",
    "--quiet",
    "--prefix",
    folder,
    ...(channels.length === 0 ? [] : ["--override-channels", ...channels]),
    ...more,
    ...condaSpecs(packages),
  ];
  const run = async (argv: ToolCommand, env: Env): Promise<string | null> => {
    const done = await runTool({ argv, cwd: "/", env, timeoutMs: 3_600_000 });
    return done.ok ? null : reasonOf(done);
  };
  return {
    name: conda[0].slice(conda[0].lastIndexOf("/") + 1),
    python: null,
    async missing(_lines, folder, env) {
      const why = await run(create(folder, ["--dry-run"]), env);
      if (why === null) return [];
      const named = condaSpecs(packages).filter((spec) => why.includes(spec.split("=")[0] ?? spec));
      const names = named.length === 0 ? ["conda"] : named.map((spec) => spec.split("=")[0] ?? spec);
      return names.map((name): Missing => ({ name, why }));
    },
    create: (folder, env) => run(create(folder, []), env),
    install: (lines, folder, env) => asFile(lines, (file) => run([pythonIn(folder), ...PIP, "-r", file], env)),
  };
}
