import { setTimeout as sleep } from "node:timers/promises";
import type { LogSummary } from "./log-file.ts";
import type { StreamSink } from "./stream.ts";

const PATIENCE_MS = 2000;
const STEP_MS = 50;

/**
 * After the child's end: waits for both streams to end. Processes that it left behind may hold them open; they get
 * two seconds, in which time that we are held up ourselves does not count. Tells whether something was left behind.
 */
export async function drain(sinks: readonly StreamSink[]): Promise<{ logs: LogSummary[]; leftBehind: boolean }> {
  let open = true;
  const ended = Promise.all(sinks.map((sink) => sink.ended)).then(() => {
    open = false;
  });
  for (let waited = 0; open && waited < PATIENCE_MS; ) {
    await Promise.race([ended, sleep(STEP_MS)]);
    if (!sinks.some((sink) => sink.held)) waited += STEP_MS;
  }
  const leftBehind = open;
  if (leftBehind) for (const sink of sinks) sink.close("a process that the command left behind still held the stream");
  return { logs: await Promise.all(sinks.map((sink) => sink.finish())), leftBehind };
}
