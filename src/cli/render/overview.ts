import { SHOWN_VERBS, VERBS } from "../verbs.ts";

/** `reprise --help`. */
export function overview(): string {
  const width = Math.max(...SHOWN_VERBS.map((name) => name.length));
  const verbs = SHOWN_VERBS.map((name) => `  ${name.padEnd(width)}  ${VERBS[name]?.summary ?? ""}`).join("\n");
  return `Usage: reprise COMMAND [options]

Records a run, does it again, and says truly whether it reproduces and why not.

Commands:
${verbs}

RUN is an id, the beginning or end of one, a name, @last, or @last~2 (two before the last).

Examples:
  reprise run -- python train.py --lr 0.1   run a program and record it
  reprise verify                            does the last run reproduce?
  reprise COMMAND --help                    options, examples and exit codes

Exit codes:
  0  as asked                  4    the store could not be read or written
  1  the answer is no          5    the configuration is wrong
  2  wrong use                 6    no such run, or something is in the way
  3  could not tell            70   a fault of Reprise
  130  stopped by Ctrl-C       run and replay exit with the command's own code
`;
}
