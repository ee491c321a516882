export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

export interface VerbShape {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly {
    readonly flag: string;
    readonly what: string;
    readonly folder: boolean;
    readonly value: boolean;
  }[];
  /** Its arguments are runs. */
  readonly runs: boolean;
  /** What its first argument can be. */
  readonly words: readonly string[];
}

const flags = ({ options }: VerbShape): string => options.map(({ flag }) => flag).join(" ");
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function bash(verbs: readonly VerbShape[]): string {
  const cases = verbs
    .map(
      (verb) =>
        `    ${verb.name}) flags=${quoted(flags(verb))}${verb.runs ? "; runs=1" : ""}${verb.words.length > 0 ? `; words=${quoted(verb.words.join(" "))}` : ""} ;;`,
    )
    .join("\n");
  return `_reprise() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} verb=\${COMP_WORDS[1]} flags='' runs='' words='' i
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${verbs.map(({ name }) => name).join(" ")} --help --version' -- "$word"))
    return
  fi
  if [ "$verb" = run ]; then
    # After -- or the first word that is no option the user's own command is completed.
    for ((i = 2; i < COMP_CWORD; i++)); do
      case \${COMP_WORDS[i]} in
        --) _reprise_command $((i + 1)); return ;;
        --seed|--name|--tag|-t|--store|--store-inputs|--deterministic|--measure-seconds) i=$((i + 1)) ;;
        -*) ;;
        *) _reprise_command "$i"; return ;;
      esac
    done
  fi
  case $before in
    --store|--into) COMPREPLY=($(compgen -d -- "$word")); return ;;
  esac
  case $verb in
${cases}
  esac
  if [ "$verb" = run ] && [[ $word != -* ]]; then COMPREPLY=($(compgen -c -- "$word")); return; fi
  if [ -n "$words" ] && [[ $word != -* ]]; then
    if [ "$COMP_CWORD" -eq 2 ]; then COMPREPLY=($(compgen -W "$words" -- "$word")); fi
    return
  fi
  if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$word")); return; fi
  if [ -n "$runs" ]; then COMPREPLY=($(reprise __runs "$word" 2>/dev/null)); fi
}
_reprise_command() {
  if declare -F _command_offset >/dev/null; then _command_offset "$1"
  elif [ "$COMP_CWORD" -eq "$1" ]; then COMPREPLY=($(compgen -c -- "\${COMP_WORDS[COMP_CWORD]}"))
  else COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")); fi
}
complete -o default -F _reprise reprise
`;
}

function zsh(verbs: readonly VerbShape[]): string {
  const names = verbs.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join("\n");
  const spec = (verb: VerbShape): string =>
    verb.options
      .map(({ flag, what, folder, value }) =>
        quoted(`${flag}[${what.replace(/[[\]:\\]/g, " ")}]${folder ? ":folder:_files -/" : value ? ":value:" : ""}`),
      )
      .join(" ");
  const rest = (verb: VerbShape): string =>
    verb.runs
      ? "'*:run:_reprise_runs'"
      : verb.name === "run"
        ? "'(-)*:: :_normal'"
        : verb.words.length > 0
          ? `'1:word:(${verb.words.join(" ")})' '*:file:_files'`
          : "";
  const cases = verbs.map((verb) => `    ${verb.name}) _arguments ${spec(verb)} ${rest(verb)} ;;`).join("\n");
  return `#compdef reprise
_reprise_runs() {
  local -a runs
  runs=(\${(f)"$(reprise __runs "$PREFIX" 2>/dev/null)"})
  compadd -a runs
}
_reprise() {
  local -a verbs
  verbs=(
${names}
  )
  if (( CURRENT == 2 )); then _describe command verbs; return; fi
  local verb=$words[2]
  shift words
  (( CURRENT-- ))
  case $verb in
${cases}
  esac
}
compdef _reprise reprise
`;
}

function fish(verbs: readonly VerbShape[]): string {
  const lines = ["complete -c reprise -f"];
  for (const { name, summary, options, runs, words } of verbs) {
    lines.push(`complete -c reprise -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`);
    const seen = `-n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
    for (const { flag, what, folder, value } of options) {
      lines.push(
        `complete -c reprise ${seen} -l ${flag.replace(/^-+/, "")} -d ${quoted(what)}${folder ? " -x -a '(__fish_complete_directories)'" : value ? " -x" : ""}`,
      );
    }
    if (runs) lines.push(`complete -c reprise ${seen} -a '(reprise __runs 2>/dev/null)'`);
    if (name === "run") lines.push(`complete -c reprise ${seen} -x -a '(__fish_complete_subcommand --fcs-skip=2)'`);
    if (words.length > 0) lines.push(`complete -c reprise ${seen} -a ${quoted(words.join(" "))}`);
  }
  return `${lines.join("\n")}\n`;
}

const SCRIPTS: Readonly<Record<Shell, (verbs: readonly VerbShape[]) => string>> = { bash, zsh, fish };

export const completionScript = (shell: Shell, verbs: readonly VerbShape[]): string => SCRIPTS[shell](verbs);
