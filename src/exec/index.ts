/**
 * The exec room: starts the child, brings the agents in, tees its output, passes signals on, receives events.
 * What the events mean is not its business.
 */
export { type AgentOptions, agentEnvironment, agentRoot } from "./agent-environment.ts";
export { type Events, packEvents, readEvents } from "./event/events.ts";
export { parseEvent } from "./event/line.ts";
export { EventTail } from "./event/tail.ts";
export { readTrace } from "./event/trace.ts";
export { deriveHashSeed } from "./hash-seed.ts";
export { installPackage } from "./install-package.ts";
export { launch } from "./launch.ts";
export type { LaunchOptions, LaunchResult } from "./options.ts";
export { findProgram, findPython } from "./program.ts";
export { SUDDENLY } from "./stopper.ts";
export { detectTerminal } from "./terminal.ts";
export { runTool, type ToolResult } from "./tool.ts";
