import { detailBeside, isProblem, type ProblemError } from "#client/problem.ts";
import { html } from "../html.ts";
import type { Loaded } from "../load.ts";
import type { Content } from "../html.ts";

const waysOut: Readonly<Record<string, string>> = {
  unreachable: "Check your connection, then try again.",
  "capacity-exhausted": "Every place of this agent is taken. Try again later, or choose another agent.",
  "insufficient-scope": "Sign in with a key of an account that has the role.",
  "rate-limited": "Wait a moment, then try again.",
  "agent-timeout": "Give the task more time, or look at the instance's logs.",
};

function advice(problem: ProblemError): string | undefined {
  if (problem.retryAfter !== undefined) return `Try again in ${problem.retryAfter} s.`;
  return waysOut[problem.type];
}

function Details({ of }: { of: ProblemError }) {
  const { trace_id: trace, upstream_body: said } = of.extensions;
  return html`<div>
    ${of.errors.length > 0 && html`<ul>${of.errors.map(({ field, message }) => html`<li><code>${field}</code> ${message}</li>`)}</ul>`}
    ${said !== undefined && html`<p>The agent said:</p><pre tabindex="0">${typeof said === "string" ? said : JSON.stringify(said, null, 2)}</pre>`}
    ${advice(of) !== undefined && html`<p>${advice(of)}</p>`}
    ${typeof trace === "string" && html`<p class="quiet">Trace <code>${trace}</code></p>`}
  </div>`;
}

/** What went wrong, in the server's words, and what to do about it. */
export function Problem({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  if (!(error instanceof Error)) return null;
  const problem = isProblem(error) ? error : undefined;
  return html`<div class="problem" role="alert">
    <p class="problem-title">${problem?.title ?? "That did not work"}</p>
    <p>${problem === undefined ? error.message : detailBeside(problem)}</p>
    ${problem !== undefined && html`<${Details} of=${problem} />`}
    ${retry !== undefined && html`<button type="button" onClick=${retry}>Try again</button>`}
  </div>`;
}

/** An empty place that says what to do next. */
export function Empty({ title, children }: { title: string; children?: Content }) {
  return html`<div class="empty"><p class="empty-title">${title}</p>${children}</div>`;
}

/** Shows what was loaded, that it is loading, or why it cannot be. */
export function Showing<T>({ of, children }: { of: Loaded<T>; children: (data: T) => Content }) {
  const failed = of.error !== undefined && html`<${Problem} error=${of.error} retry=${of.reload} />`;
  if (of.data === undefined) return failed || html`<p class="loading" role="status">Loading</p>`;
  return html`<div aria-busy=${of.loading}>${failed}${children(of.data)}</div>`;
}
