import { readFileSync } from "node:fs";
import { CommanderError } from "commander";
import { type Application, ownApplication } from "./application.ts";
import { Cli } from "./cli.ts";
import { describeFailure, type Failure, failureOf } from "./errors.ts";
import { exitCodes } from "./exit.ts";
import { type Io, processIo } from "./io.ts";
import { verbs } from "./verbs/index.ts";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };

/** The whole command line as commander sees it. */
export function program(io: Io, application: Application = ownApplication): Cli {
  const cli = new Cli(io, application, version);
  for (const [heading, group] of Object.entries(verbs)) {
    cli.program.commandsGroup(`${heading}:`);
    for (const verb of group) verb(cli);
  }
  return cli;
}

const helpShown = "commander.help"; // of a group that was given none of its commands

const mistake = ({ code, message }: CommanderError): Failure => ({
  code: exitCodes.usage, type: "usage", title: code === helpShown ? "which command of the group?" : message.replace(/^error: /, ""),
  errors: [], hint: "Add --help to see what the command takes.",
});

/** Runs one command line and gives its exit code; everything it says goes through `io`. */
export async function run(argv: readonly string[], io: Io, application: Application = ownApplication): Promise<number> {
  const cli = program(io, application);
  try {
    if (argv.length === 0) cli.program.outputHelp();
    else await cli.program.parseAsync(argv, { from: "user" });
    return cli.code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok;
    const failure = error instanceof CommanderError ? mistake(error) : failureOf(error, io.signal.aborted);
    const { code, ...told } = failure;
    if (argv.includes("--json")) io.writeError(`${JSON.stringify({ error: { ...told, exit_code: code } }, null, 2)}\n`);
    else io.writeError(cli.help === "" ? describeFailure(failure) : cli.help);
    return code;
  }
}

/** Runs this process's command line. */
export async function main(): Promise<void> {
  process.exitCode = await run(process.argv.slice(2), processIo());
}
