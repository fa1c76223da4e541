import type { Verb } from "../cli.ts";
import { readConfigFile, writeConfigFile } from "../config-file.ts";
import { CliError, exitCodes } from "../exit.ts";

/** `agenthub logout`: forgets a profile. The key stays valid; revoking it is `api-keys revoke`. */
export const logout: Verb = (cli) => {
  cli.verb("logout", "Forget a profile and its key; `agenthub api-keys revoke` makes the key itself worthless", ["agenthub logout", "agenthub logout --profile work"])
    .action(cli.local(({ flags, io, out }) => {
      const { current, profiles } = readConfigFile(io);
      const name = flags.profile ?? current;
      if (name === undefined || profiles[name] === undefined) throw new CliError(exitCodes.notFound, name === undefined ? "there is no profile to forget" : `there is no profile ${name}`, { hint: "`agenthub profiles` lists them." });
      const rest = Object.fromEntries(Object.entries(profiles).filter(([other]) => other !== name));
      writeConfigFile(io, { ...(current !== undefined && current !== name ? { current } : {}), profiles: rest });
      out.show({ profile: name, removed: true }, () => `Profile ${name} is forgotten\n`);
    }));
};
