import { useEffect, useRef } from "preact/hooks";
import { html, type Content } from "../html.ts";

// The first page of a visit does not take the focus from where the browser puts it.
let visited = false;

/** A page with its heading, which takes the focus when the reader arrives. */
export function Page({ title, lead, actions, children }: { title: string; lead?: Content; actions?: Content; children?: Content }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => { document.title = `${title} · AgentHub`; }, [title]);
  useEffect(() => {
    if (visited) heading.current?.focus();
    visited = true;
    scrollTo(0, 0);
  }, []);
  return html`<div class="page">
    <div class="page-head"><div><h1 ref=${heading} tabindex="-1">${title}</h1>${lead !== undefined && html`<div class="lead">${lead}</div>`}</div>${actions}</div>
    ${children}
  </div>`;
}

/** A section with its heading. */
export function Section({ title, aside, children }: { title: string; aside?: Content; children?: Content }) {
  return html`<section aria-label=${title}><div class="section-head"><h2>${title}</h2>${aside}</div>${children}</section>`;
}
