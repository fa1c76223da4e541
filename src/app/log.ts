import { type Logger, pino } from "pino";
import type { Log } from "#reactions/log.ts";
import type { Config } from "./config.ts";

/** The process's log: JSON lines on standard error, so that a command's own output stays clean. */
export const openLog = (config: Config): Logger =>
  pino({ level: config.AGENTHUB_LOG_LEVEL, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: true }));

/** The log as reactions write to it. */
export const logPort = (log: Logger): Log => ({
  info: (words, fields) => log.info(fields ?? {}, words),
  warn: (words, fields) => log.warn(fields ?? {}, words),
  error: (words, fields) => log.error(fields ?? {}, words),
});
