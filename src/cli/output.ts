import { stripVTControlCharacters, styleText } from "node:util";
import type { Io } from "./io.ts";

type Style = Parameters<typeof styleText>[0];

/** A column: its heading, how to read a row, and whether figures stand at its right. */
export interface Column<Row> {
  readonly name: string;
  readonly value: (row: Row) => unknown;
  readonly right?: boolean;
}

// What a server or agent wrote must not move the cursor or end a row.
const clean = (value: unknown): string =>
  value === null || value === undefined || value === "" ? "-" : String(value as string).replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, " ");

/** What an agent said, on one line. */
export const agentWords = (said: unknown): string => clean(typeof said === "string" ? said.trim() : JSON.stringify(said));

const statusStyles: Readonly<Record<string, Style>> = {
  running: "green", completed: "green", yes: "green", ok: "green", paused: "yellow", pausing: "yellow", resuming: "yellow",
  starting: "yellow", restarting: "yellow", warning: "yellow", pending: "yellow", stopping: "yellow", failed: "red", rejected: "red",
  no: "red", timed_out: "red", lost: "red", stopped: "dim", cancelled: "dim",
};

/** Writes answers: JSON when asked for, aligned and coloured on a terminal, tab-separated elsewhere. */
export class Output {
  readonly json: boolean;
  readonly #io: Io;

  constructor(io: Io, json: boolean) {
    this.#io = io;
    this.json = json;
  }

  get colour(): boolean {
    const { env, terminal } = this.#io;
    return terminal.output && !env["NO_COLOR"] && env["TERM"] !== "dumb";
  }

  /** Shows an answer: the whole of it as JSON, or what `words` makes of it. */
  show(data: unknown, words: () => string): void {
    this.#io.write(this.json ? `${JSON.stringify(data ?? null, null, 2)}\n` : words());
  }

  /** Writes one record of a stream: a line of JSON, or words. */
  record(data: unknown, words: () => string): void {
    this.#io.write(this.json ? `${JSON.stringify(data)}\n` : words());
  }

  /** Says something beside the answer. */
  note(text: string): void {
    this.#io.writeError(`${text}\n`);
  }

  style(style: Style, text: string): string {
    return this.colour ? styleText(style, text, { validateStream: false }) : text;
  }

  #cell(text: string): string {
    const style = statusStyles[text];
    return style === undefined ? text : this.style(style, text);
  }

  /** Rows under headings. */
  table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], none = "nothing"): string {
    const cells = rows.map((row) => columns.map(({ value }) => clean(value(row))));
    const heads = columns.map(({ name }) => name.toUpperCase());
    if (!this.#io.terminal.output) return [heads, ...cells].map((line) => `${line.join("\t")}\n`).join("");
    if (rows.length === 0) return `${none}\n`;
    const widths = heads.map((head, index) => Math.max(head.length, ...cells.map((line) => line[index]?.length ?? 0)));
    const pad = (text: string, index: number) => {
      const width = widths[index] ?? 0;
      const seen = stripVTControlCharacters(text).length;
      const blanks = " ".repeat(Math.max(0, width - seen));
      return columns[index]?.right === true ? blanks + text : text + blanks;
    };
    const line = (texts: readonly string[]) => `${texts.map(pad).join("  ").trimEnd()}\n`;
    return line(heads.map((head) => this.style("bold", head))) + cells.map((row) => line(row.map((cell) => this.#cell(cell)))).join("");
  }

  /** Names and values, one a line; what is undefined is left out. */
  fields(entries: Readonly<Record<string, unknown>>): string {
    const known = Object.entries(entries).filter(([, value]) => value !== undefined);
    const width = Math.max(...known.map(([name]) => name.length)) + 1;
    return known.map(([name, value]) => `${this.style("bold", `${name}:`.padEnd(width))} ${this.#cell(clean(value))}\n`).join("");
  }
}
