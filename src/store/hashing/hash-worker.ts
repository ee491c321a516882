import { parentPort } from "node:worker_threads";
import { type ChunkRing, cutRing } from "./chunk-ring.ts";
import { type HashShare, workOn } from "./hash-share.ts";
import { type LookShare, lookTogether } from "./look-share.ts";

/** A thread that does what is shared with it (threads.ts). */
parentPort?.on("message", (work: HashShare | ChunkRing | LookShare) => {
  if ("ring" in work) cutRing(work);
  else if ("looks" in work) lookTogether(work);
  else workOn(work);
});
