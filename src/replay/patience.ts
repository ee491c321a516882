/**
 * How long lines are looked at in one replay. A training loop takes twice as long then, a program that keeps all it has in
 * objects of its own a hundred times: after that it goes on by itself.
 */
export const lookSeconds = (seconds: number): number => Math.ceil(20 + 4 * seconds);
