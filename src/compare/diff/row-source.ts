/** Rows of a table or of an array, as a reader of their format gives them. */
export interface Rows {
  /** What it is, in words: "CSV", "float64 [10, 3]". */
  readonly form: string;
  /** null: columns have no names. */
  readonly columns: readonly string[] | null;
  readonly count: number;
  cells(index: number): readonly string[];
  /** Equal for equal rows; where it is cheaper than the cells. */
  key?(index: number): string;
}
