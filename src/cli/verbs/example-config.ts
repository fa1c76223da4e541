import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Verb } from "../cli.ts";
import { CliError, exitCodes } from "../exit.ts";

const shared = `name: my-agent                 # the name is yours for ever once it is registered
version: 1.0.0
description: Classifies text
category: data-analysis
tags: [nlp]
protocol: http                 # http or acp
endpoints:
  - { path: /analyze, method: POST, description: Classify one text, timeout: 30 }
health: { path: /health }
# Prices are decimals in quotes. Other types: per_request, per_minute, per_hour, each with one \`price\`.
pricing: { type: hybrid, currency: USD, base_price: "5.00", price_per_hour: "0.10", price_per_request: "0.01" }
limits: { max_instances: 10 }  # of all customers together
`;

const docker = `${shared}resources: { memory: 512M, cpu: "0.5" }   # what an instance may use at most; 512M means MiB
docker:
  image: myrepo/my-agent:v1.0
  port: 8000                   # where the agent listens inside its container
  env: { LOG_LEVEL: info }
  configurable_env: [MODEL]    # what customers may set
`;

const standard = `${shared}endpoint: https://agents.example.com/my-agent   # where you host it
`;

/** `agenthub example-config`: a manifest to start from. */
export const exampleConfig: Verb = (cli) => {
  cli.verb("example-config", "Print an example of agent.yaml, or write it to a file", ["agenthub example-config --docker --output my-agent.yaml", "agenthub example-config > agent.yaml"])
    .option("--docker", "of an agent that runs as a Docker container")
    .option("--output <file>", "write it there; a file that exists is left alone")
    .option("--force", "overwrite the file")
    .action(cli.local<{ docker?: boolean; output?: string; force?: boolean }>(({ flags, io, out }) => {
      const text = flags.docker === true ? docker : standard;
      if (flags.output === undefined) {
        out.show({ config: text }, () => text);
        return;
      }
      const path = resolve(io.cwd, flags.output);
      if (existsSync(path) && flags.force !== true) throw new CliError(exitCodes.conflict, `${flags.output} exists`, { hint: "Add --force to overwrite it." });
      writeFileSync(path, text);
      const next = `agenthub ${flags.docker === true ? "register-docker-agent" : "register-agent"} --config ${flags.output}`;
      out.show({ output: path }, () => `Wrote ${flags.output}. Edit it, then: ${next}\n`);
    }));
};
