/** The diagnose room: what a difference means in words, and what to paste against it. Runs nothing, reads nothing. */
export { fixes } from "./fix.ts";
export { takenFromA } from "./taken.ts";
