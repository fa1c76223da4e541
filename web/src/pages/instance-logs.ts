import { useEffect, useRef, useState } from "preact/hooks";
import type { LogEntry } from "#client/types.ts";
import { html } from "../html.ts";
import { Problem } from "../parts/problem.ts";
import { useSession } from "../session.ts";
import { when } from "../time.ts";

const most = 2000;

/** What an instance prints, followed as it comes. */
export function Logs({ id }: { id: string }) {
  const { client } = useSession();
  const [lines, setLines] = useState<readonly LogEntry[]>([]);
  const [follow, setFollow] = useState(true);
  const [state, setState] = useState<{ reading: boolean; error?: unknown }>({ reading: true });
  const [turn, setTurn] = useState(0);
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    const stop = new AbortController();
    setLines([]);
    setState({ reading: true });
    const read = async () => {
      try {
        for await (const line of client.logs(id, { tail: 500, ...(follow ? { follow } : {}) }, stop.signal)) setLines((before) => [...before, line].slice(-most));
        setState({ reading: false });
      } catch (error) {
        if (!stop.signal.aborted) setState({ reading: false, error });
      }
    };
    void read();
    return () => stop.abort();
  }, [id, follow, turn]);
  useEffect(() => { if (follow && box.current !== null) box.current.scrollTop = box.current.scrollHeight; }, [lines]);
  return html`<div>
    <div class="filters">
      <label class="check"><input type="checkbox" checked=${follow} onChange=${(event: Event) => setFollow((event.target as HTMLInputElement).checked)} /> Follow</label>
      <button type="button" onClick=${() => setTurn(turn + 1)}>Read again</button>
    </div>
    <${Problem} error=${state.error} retry=${() => setTurn(turn + 1)} />
    ${lines.length === 0 ? html`<p class="quiet" role="status">${follow && state.reading ? "Waiting for output. An agent that is hosted elsewhere prints nothing here." : "Nothing was printed."}</p>`
      : html`<pre class="logs" ref=${box} tabindex="0" role="log" aria-label="Logs">${lines.map((line) => html`<span class=${line.stream === "stderr" ? "stderr" : ""}><time>${line.at === undefined ? "" : when(line.at)}</time> ${line.text}${"\n"}</span>`)}</pre>`}
  </div>`;
}
