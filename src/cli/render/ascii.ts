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
  "±": "+-",
  σ: " sd",
};

/** Our own symbols for a terminal that has only ASCII. */
export const toAscii = (text: string): string => text.replace(/[✓✗…→—–·×≠≤±σ]/g, (symbol) => SYMBOLS[symbol] ?? symbol);
