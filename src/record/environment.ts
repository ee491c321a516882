import type { Digest } from "./digest.ts";
import type { Known } from "./known.ts";

export type PackageOrigin =
  | { readonly kind: "registry"; readonly installer?: string }
  | { readonly kind: "vcs"; readonly url: string; readonly commit: string }
  | { readonly kind: "editable"; readonly path: string; readonly digest: Known<Digest> }
  | { readonly kind: "file"; readonly url: string; readonly digest: Known<Digest> }
  | { readonly kind: "conda"; readonly channel: string }
  | { readonly kind: "unclear"; readonly reason: string };

export interface PackageFact {
  readonly name: string;
  readonly version: string;
  readonly origin: PackageOrigin;
  readonly imported: boolean;
}

export interface LibraryFact {
  readonly path: string;
  readonly digest: Known<Digest>;
  /** blas, mkl, openmp, cuda, cudnn, nccl …: only what is known by name. */
  readonly role?: string;
}

export interface PythonFacts {
  readonly version: string;
  readonly implementation: string;
  readonly executable: string;
  readonly prefix: string;
  readonly manager: "venv" | "conda" | "uv" | "poetry" | "pipenv" | "system" | "pyenv";
  readonly packages: Known<readonly PackageFact[]>;
  /** numpy/torch thread counts, cuda versions …: what the frameworks say of themselves, read inside the process. */
  readonly frameworks: Readonly<Record<string, string>>;
}

export interface EnvironmentFacts {
  readonly python: Known<PythonFacts>;
  readonly libraries: Known<readonly LibraryFact[]>;
  readonly lockFiles: readonly { readonly path: string; readonly digest: Known<Digest> }[];
}

export interface GpuFact {
  readonly name: string;
  readonly driver: string;
  readonly memoryMiB: number;
  readonly uuid?: string;
}

export interface HardwareFacts {
  readonly os: string;
  readonly kernel: string;
  readonly libc: Known<string>;
  readonly container: Known<string>;
  readonly cpu: {
    readonly model: string;
    readonly flags: Known<readonly string[]>;
    readonly logical: number;
    readonly usable: number;
  };
  readonly memoryBytes: number;
  readonly gpus: Known<readonly GpuFact[]>;
  readonly hostname: string;
  readonly locale: string;
  readonly timeZone: string;
}

/** An environment variable: kept by value when it is on the allow list and holds no secret, else by keyed HMAC. */
export type VariableFact =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly hmac: string; readonly reason: "not on the list" | "secret" };
