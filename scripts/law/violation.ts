/** One breach of the law: where, what, and what to do instead. */
export interface Violation {
  readonly where: string;
  readonly what: string;
  readonly instead: string;
}
