import { Argument } from "commander";
import type { Verb } from "../cli.ts";
import { candidates } from "../candidates.ts";

const scripts: Readonly<Record<string, string>> = {
  bash: `_agenthub() {
  local IFS=$'\\n'
  COMPREPLY=( $(compgen -W "$(agenthub __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}") )
}
complete -o default -F _agenthub agenthub
`,
  zsh: `#compdef agenthub
_agenthub() {
  local -a found
  found=("\${(@f)$(agenthub __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -a found; else _files; fi
}
compdef _agenthub agenthub
`,
  fish: `function __agenthub_complete
  agenthub __complete (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null
end
complete -c agenthub -a '(__agenthub_complete)'
`,
};

/** `agenthub completion`: a script that completes commands, flags and live ids. */
export const completion: Verb = (cli) => {
  cli.verb("completion", "Print a completion script for your shell", [
    "source <(agenthub completion bash)", "agenthub completion zsh > \"${fpath[1]}/_agenthub\"", "agenthub completion fish > ~/.config/fish/completions/agenthub.fish",
  ])
    .addArgument(new Argument("<shell>", "which shell").choices(Object.keys(scripts)))
    .action(cli.local(({ out }, shell = "") => out.show({ shell, script: scripts[shell] }, () => scripts[shell] ?? "")));

  // What the scripts call; everything after it is the line typed so far, its flags too.
  cli.program.command("__complete", { hidden: true }).argument("[words...]").allowUnknownOption().helpOption(false)
    .action(async (words: string[]) => {
      const found = await candidates(cli, words);
      cli.io.write(found.map((word) => `${word}\n`).join(""));
    });
};
