import type { Verb } from "../cli.ts";
import { readConfigFile, writeConfigFile } from "../config-file.ts";
import { CliError, exitCodes } from "../exit.ts";

/** `agenthub profiles`: lists profiles, or makes one the current. */
export const profiles: Verb = (cli) => {
  cli.verb("profiles", "List profiles, or use another one from now on", ["agenthub profiles", "agenthub profiles --use work"])
    .option("--use <name>", "make this one the current")
    .action(cli.local<{ use?: string }>(({ flags, io, out }) => {
      let config = readConfigFile(io);
      if (flags.use !== undefined) {
        if (config.profiles[flags.use] === undefined) throw new CliError(exitCodes.notFound, `there is no profile ${flags.use}`, { hint: `\`agenthub login --profile ${flags.use}\` makes one.` });
        config = { ...config, current: flags.use };
        writeConfigFile(io, config);
      }
      const list = Object.entries(config.profiles).map(([name, { server, api_key }]) =>
        ({ name, server, current: name === config.current, key_hint: api_key === undefined ? null : `${api_key.slice(0, 6)}…` }));
      out.show({ profiles: list }, () => out.table([
        { name: "profile", value: (profile) => profile.name }, { name: "server", value: (profile) => profile.server },
        { name: "key", value: (profile) => profile.key_hint }, { name: "current", value: (profile) => (profile.current ? "yes" : "") },
      ], list, "no profiles; `agenthub login` makes one"));
    }));
};
