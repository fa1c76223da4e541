import { useEffect } from "preact/hooks";
import { isProblem } from "#client/problem.ts";
import { html } from "./html.ts";
import { useAction } from "./load.ts";
import { Field, Form } from "./parts/field.ts";
import { Problem } from "./parts/problem.ts";

/** Signing in with an API key. */
export function SignIn({ open, notice }: { open: (key: string) => Promise<void>; notice: string | undefined }) {
  const action = useAction();
  useEffect(() => { document.title = "Sign in · AgentHub"; }, []);
  const wrong = isProblem(action.error) && action.error.status === 401;
  return html`<main class="narrow">
    <h1>AgentHub</h1>
    <p class="lead">Discover agents, run them, and see what they cost.</p>
    ${notice !== undefined && html`<p class="notice" role="status">${notice}</p>`}
    <${Form} label="Sign in" send=${({ key = "" }) => action.run(() => open(key.trim()))}>
      <${Field} label="API key" name="key" type="password" required focus placeholder="ah_..." hint="The key stays in this tab and is forgotten when you close it. The first keys lie in credentials.json in AgentHub's data folder; later ones come from your operator." />
      <button class="primary" disabled=${action.busy}>${action.busy ? "Signing in" : "Sign in"}</button>
    <//>
    ${wrong ? html`<div class="problem" role="alert"><p class="problem-title">This key is not valid</p><p>Check that you copied the whole key, from <code>ah_</code> to its end. A key that was revoked does not come back: ask for a new one.</p></div>`
      : html`<${Problem} error=${action.error} />`}
    <p class="quiet">The same interface for programs: <a href="/docs">API reference</a></p>
  </main>`;
}
