import { extname, sep } from "node:path";
import { isSkippedName } from "./skip.ts";

/** What a file is to a run. Data are: project, temporary, home, elsewhere. */
export type PathClass =
  | "project-code"
  | "project"
  | "library"
  | "cache"
  | "system"
  | "temporary"
  | "home"
  | "elsewhere"
  | "ignored";

/** Absolute folders, links resolved. */
export interface ClassifyPlaces {
  readonly project: string;
  /** sys.prefix and sys.base_prefix of the interpreters. */
  readonly prefixes: readonly string[];
  readonly home: string;
  readonly temporary: string;
  /** Reprise's own store. */
  readonly store?: string;
}

const CODE = new Set(
  ".py .pyi .pyx .pxd .pyc .ipynb .r .jl .js .mjs .cjs .ts .tsx .jsx .sh .pl .rb .lua .c .h .cc .cpp .cxx .hpp .cu .cuh".split(
    " ",
  ),
);
const LIBRARY =
  /\/(?:site-packages|dist-packages|node_modules)\/|\/lib(?:64)?\/python\d(?:\.\d+)?\/|\.egg-info(?:\/|$)|\.dist-info\//;
/** Data sets and weights that live in cache folders all the same. */
const DATA_IN_CACHE =
  /\/(?:nltk_data|scikit_learn_data|seaborn-data)\/|\/\.cache\/huggingface\/(?:hub|datasets|transformers|metrics|assets|modules)\/|\/\.cache\/torch\/(?:hub|sentence_transformers|text|pytorch_lightning)\/|\/\.cache\/(?:clip|whisper|openml|tensorflow_datasets|gensim|kagglehub|modelscope|fastai|flair|torchtext|vector|suno)\/|\/\.keras\/(?:datasets|models)\/|\/(?:torch|huggingface)\/hub\/|\/datasets--|\/models--|\/tensorflow_datasets\//;
/** What the hub's client keeps for itself beside the data. */
const HUB_KEEPING =
  /\/(?:refs|\.locks|\.no_exist|trusted_list)(?:\/|$)|\.lock$|\/version\.txt$|\/version(?:_diffusers_cache)?\.txt$|\.incomplete$|\.metadata$/;
const CACHE_AT_HOME =
  /^\.(?:cache|config|triton|nv|numba_cache|matplotlib|ipython|jupyter|keras|theano|aiida|dask|ray|streamlit|gradio|plotly|fontconfig|fonts|mozilla|java|gnupg|dbus|pki|wandb|comet|neptune|mlflow|optuna|dvc|tensorboard|nvidia|cupy|julia\/compiled)(?:\/|$)|^\.local\/(?:share|state)(?:\/|$)/;
const TOOLS_AT_HOME =
  /^(?:\.local\/(?:lib|bin)|\.pyenv|\.conda|\.rye|\.uv|\.virtualenvs|(?:mini|ana)conda3?|miniforge3?|mambaforge|micromamba|\.npm|\.nvm|\.volta|\.cargo|\.rustup|\.julia|\.mujoco|R)(?:\/|$)/;
const OWN_AT_HOME =
  /^\.(?:netrc|git[\w.-]*|ssh|aws|kaggle|azure|gcloud|docker|kube|npmrc|pypirc|condarc|bash\w*|zsh\w*|profile|inputrc|python_history|viminfo|lesshst|Xauthority|terminfo|editorconfig|pydistutils\.cfg)(?:\/|$)/;
const CACHE_AT_TEMPORARY =
  /^(?:torchinductor_|matplotlib-|numba|\.X|\.ICE|pip-|uv-|npm-|node-compile-cache|fontconfig|jax_cache|triton|v8-compile-cache)/;
const SYSTEM =
  /^\/(?:usr|etc|lib|lib32|lib64|libx32|bin|sbin|boot|snap|nix|gnu|System|Library|private\/etc|var\/(?:lib|cache|run|spool|log)|opt\/(?:conda|nvidia|intel|rocm|amazon|homebrew|hostedtoolcache|python|pypy|bitnami))(?:\/|$)/;
const KERNEL = /^\/(?:proc|sys|dev|run)(?:\/|$)/;
const DATA_IN_SYSTEM = /^\/usr\/(?:share|local\/share)\/(?:dict|datasets|data)\//;
/** Prefixes that hold more than one environment. */
const WIDE_PREFIX = new Set(["/", "/usr", "/usr/local", "/opt"]);

/** Code that came with a package or with the interpreter: no line of it is the user's. */
export const isLibraryPath = (path: string): boolean => LIBRARY.test(path);

export function classifyPath(path: string, places: ClassifyPlaces): PathClass {
  if (places.store !== undefined && within(path, places.store) !== null) return "ignored";
  const inProject = within(path, places.project);
  if (inProject !== null) return classifyInProject(path, inProject, places);
  if (DATA_IN_CACHE.test(path)) {
    if (HUB_KEEPING.test(path)) return "cache";
    return within(path, places.home) === null ? "elsewhere" : "home";
  }
  if (path.includes("/__pycache__/") || path.includes("/.git/")) return "ignored";
  if (LIBRARY.test(path) || inPrefix(path, places.prefixes)) return "library";
  const inTemporary = within(path, places.temporary);
  if (inTemporary !== null) return CACHE_AT_TEMPORARY.test(inTemporary) ? "cache" : "temporary";
  const atHome = within(path, places.home);
  if (atHome !== null && places.home !== "/") {
    if (TOOLS_AT_HOME.test(atHome)) return "library";
    if (OWN_AT_HOME.test(atHome)) return "ignored";
    return CACHE_AT_HOME.test(atHome) ? "cache" : "home";
  }
  if (KERNEL.test(path)) return path.startsWith("/dev/shm/") ? "temporary" : "ignored";
  if (DATA_IN_SYSTEM.test(path)) return "elsewhere";
  return SYSTEM.test(path) ? "system" : "elsewhere";
}

function classifyInProject(path: string, name: string, { project, prefixes }: ClassifyPlaces): PathClass {
  const inner = prefixes.filter((prefix) => prefix !== project && within(prefix, project) !== null);
  if (inPrefix(path, inner) || LIBRARY.test(`/${name}`)) return "library";
  if (name.split(sep).some(isSkippedName)) return "ignored";
  if (/(?:^|\/)\.cache\//.test(name) && !DATA_IN_CACHE.test(path)) return "cache";
  return CODE.has(extname(name).toLowerCase()) ? "project-code" : "project";
}

function inPrefix(path: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => !WIDE_PREFIX.has(prefix) && within(path, prefix) !== null);
}

/** The rest of the path below a folder, or null. */
function within(path: string, folder: string): string | null {
  if (path === folder) return "";
  const start = folder.endsWith(sep) ? folder : folder + sep;
  return path.startsWith(start) ? path.slice(start.length) : null;
}
