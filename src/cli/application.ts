/** A server that runs inside this process. */
export interface RunningApplication {
  readonly url: string;
  readonly credentials: { readonly admin_key?: string; readonly customer_key?: string; readonly publisher_key?: string };
  close(): Promise<void>;
}

/** What an import brought. */
export interface Imported { readonly events: number; readonly already: number; readonly system: number }

/** Settings by their environment names. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The application, loaded only by the commands that need it: everything else starts faster without. */
export interface Application {
  /** Serves on a free loopback port until closed. */
  start(settings: Environment): Promise<RunningApplication>;
  /** Serves until the process is told to stop; gives the exit code. */
  serve(settings: Environment): Promise<number>;
  /** Brings the lines of an export into empty stores. */
  import(settings: Environment, lines: AsyncIterable<string>, onProgress: (events: number) => void): Promise<Imported>;
  /** Fills an empty data folder from a backup. */
  restore(settings: Environment, directory: string): Promise<{ readonly created_at: string }>;
}

/** The application of this package. */
export const ownApplication: Application = {
  async start(settings) {
    const { start } = await import("#app/start.ts");
    return start(settings);
  },
  async serve(settings) {
    const { serve } = await import("#app/serve.ts");
    await serve(settings);
    return Number(process.exitCode ?? 0); // it sets this when it could not start
  },
  async restore(settings, directory) {
    const { restoreInto } = await import("#app/moving/restore.ts");
    return restoreInto(settings, directory);
  },
  async import(settings, lines, onProgress) {
    const { importInto } = await import("#app/moving/import-here.ts");
    return importInto(settings, lines, onProgress);
  },
};
