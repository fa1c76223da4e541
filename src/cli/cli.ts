import { Command, Option } from "commander";
import type { Application } from "./application.ts";
import { exitCodes, exitHelp } from "./exit.ts";
import type { Io } from "./io.ts";
import { Output } from "./output.ts";
import { type Session, withSession } from "./session.ts";
import type { GlobalFlags, KeyRole } from "./settings.ts";

/** Adds one command to the program. */
export type Verb = (cli: Cli) => void;

/** Work that needs no server. */
export interface Local<Flags> { readonly flags: Flags & GlobalFlags; readonly io: Io; readonly out: Output; readonly application: Application }

/** What a verb's file builds its command with. */
export class Cli {
  readonly program: Command;
  readonly io: Io;
  readonly application: Application;
  /** The exit code of the command that ran. */
  code: number = exitCodes.ok;
  /** The help that commander would have shown since a group was given no command. */
  help = "";

  constructor(io: Io, application: Application, version: string) {
    this.io = io;
    this.application = application;
    this.program = new Command("agenthub")
      .description("A marketplace for AI agents: register, discover, run, watch, bill.")
      .version(version, "-V, --version", "print the version")
      .option("--json", "print JSON, errors too")
      .option("--server <url>", "the server's address (AGENTHUB_SERVER; default: http://127.0.0.1:8080, else one started in this process)")
      .addOption(new Option("--server-url <url>", "another name of --server").hideHelp())
      .option("--api-key <key>", "the API key (AGENTHUB_API_KEY)")
      .option("--profile <name>", "a profile of `agenthub login` (AGENTHUB_PROFILE)")
      .addHelpText("after", `\nSettings are taken from flags, then the environment, then the profile, then the data folder's credentials.json.\n\n${exitHelp}\n\nExample:\n  agenthub marketplace-discover --category utility --limit 10`)
      .exitOverride()
      .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
      .configureOutput({
        writeOut: (text) => io.write(text), writeErr: (text) => { this.help += text; },
        getOutHelpWidth: () => io.terminal.columns, getErrHelpWidth: () => io.terminal.columns,
        getOutHasColors: () => false, getErrHasColors: () => false,
        outputError: () => undefined, // told once, by the one place that also tells it as JSON
      });
  }

  /** A new command with its summary and the examples that its help shows. */
  verb(name: string, summary: string, examples: string | readonly string[], under: Command = this.program): Command {
    const lines = (typeof examples === "string" ? [examples] : examples).map((example) => `  ${example}`);
    return under.command(name).description(summary)
      .addHelpText("after", `\nExample${lines.length > 1 ? "s" : ""}:\n${lines.join("\n")}\n\nExit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 not permitted, 5 conflict, 6 unavailable (agenthub --help says more).`);
  }

  /** An action that talks to the server with the key of a role. `creates`: may make a data folder of its own. */
  as<Flags>(role: KeyRole, work: (session: Session<Flags>, ...args: string[]) => Promise<number | void>, { creates = false } = {}) {
    return async (...given: unknown[]): Promise<void> => {
      const { args, flags } = split<Flags>(given);
      this.code = await withSession({ io: this.io, application: this.application, role, creates }, flags, (session) => work(session, ...args));
    };
  }

  /** An action on this machine alone. */
  local<Flags>(work: (local: Local<Flags>, ...args: string[]) => Promise<number | void> | number | void) {
    return async (...given: unknown[]): Promise<void> => {
      const { args, flags } = split<Flags>(given);
      const { io, application } = this;
      this.code = (await work({ flags, io, application, out: new Output(io, flags.json === true) }, ...args)) ?? exitCodes.ok;
    };
  }
}

// Commander hands an action its arguments, its own options and the command.
function split<Flags>(given: readonly unknown[]): { args: string[]; flags: Flags & GlobalFlags } {
  const command = given.at(-1) as Command;
  return { args: given.slice(0, -2) as string[], flags: command.optsWithGlobals<Flags & GlobalFlags>() };
}
