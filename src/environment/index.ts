/**
 * The environment room: what a run asks of an environment, that environment had again, compared with what is here, and
 * written for other tools. Programs are started by exec; where things lie is told by the caller.
 */
export type { EnvironmentCache } from "./build/cache.ts";
export { type Rebuilt, rebuildEnvironment } from "./build/rebuild.ts";
export { compareEnvironment, type EnvironmentReport, type LibraryCompared } from "./compare.ts";
export { EXAMPLE, exampleOf, missingVariables } from "./dotenv.ts";
export { type EnvironmentFormat, type ExportedEnvironment, exportEnvironment } from "./export/export.ts";
export { digestsBy, objectsOf } from "./kept.ts";
export { compareMachine, compareVariables, type FactCompared } from "./machine.ts";
export { presentEnvironment } from "./present.ts";
export { type Here, programHere, pythonHere } from "./python-here.ts";
export { type EnvironmentRecipe, environmentRecipe } from "./recipe.ts";
export { inEnvironment } from "./relocate.ts";
export { changesOfRecorded } from "./whole.ts";
