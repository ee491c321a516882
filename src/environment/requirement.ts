import { digestHex, isUnknown, type PackageOrigin } from "#record";
import { withoutCredentials } from "./location.ts";
import { isPlainPin, localTag, normalName } from "./name.ts";

export interface Wanted {
  readonly name: string;
  readonly version: string;
  readonly origin: PackageOrigin;
}

/** A line of a requirements file, or why there is none for this package. */
export type Requirement = { readonly line: string } | { readonly why: string };

/** Where it came from exactly, as PEP 508 says it; from an index by name and version. */
export function requirementOf({ name, version, origin }: Wanted): Requirement {
  if (!isPlainPin(name, version)) return { why: `${name} ${version} is no name and version of a package` };
  switch (origin.kind) {
    case "registry":
    case "unclear":
      return { line: `${name}==${version}` };
    case "vcs": {
      const url = withoutCredentials(origin.url);
      const known = /^(?:git|hg|svn|bzr)\+[a-z]+:\/\/[^\s]+$/.test(url) && /^[\w.-]+$/.test(origin.commit);
      return known ? { line: `${name} @ ${url}@${origin.commit}` } : { why: `${name} came from ${url}` };
    }
    case "file": {
      const url = withoutCredentials(origin.url);
      if (!/^(?:https?|file):\/\/[^\s]+$/.test(url)) return { why: `${name} came from ${url}` };
      const hash = isUnknown(origin.digest) ? "" : `#sha256=${digestHex(origin.digest)}`;
      return { line: `${name} @ ${url}${hash}` };
    }
    case "editable":
      return { why: `${name} was used in place from ${origin.path}` };
    case "conda":
      return { why: `${name} ${version} is conda's, of ${origin.channel === "" ? "a channel" : origin.channel}` };
  }
}

/** PyTorch keeps a folder for each kind of build, called as the version's local tag is. */
const TORCH_FAMILY = /^(?:torch|torchvision|torchaudio|torchtext|torchdata|torch-tensorrt|pytorch-triton)$/;
const TORCH_TAG = /^(?:cpu|cu\d+|rocm[\d.]+|xpu)$/;

/** The indexes that have builds with a local tag, by the tags of these packages. */
export function taggedIndexes(packages: readonly Wanted[]): string[] {
  const tags = packages.flatMap(({ name, version }) => {
    const tag = localTag(version);
    return tag !== null && TORCH_FAMILY.test(normalName(name)) && TORCH_TAG.test(tag) ? [tag] : [];
  });
  return [...new Set(tags)].sort().map((tag) => `https://download.pytorch.org/whl/${tag}`);
}
