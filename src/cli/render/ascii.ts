const SYMBOLS: Readonly<Record<string, string>> = {
  "✓": "+",
  "✗": "x",
  "…": "...",
  "→": "->",
  "—": "-",
  "–": "-",
  "·": "|",
  "×": "x",
  "≠": "!=",
  "≤": "<=",
};

/** Our own symbols for a terminal that has only ASCII. */
export const toAscii = (text: string): string => text.replace(/[✓✗…→—–·×≠≤]/g, (symbol) => SYMBOLS[symbol] ?? symbol);
