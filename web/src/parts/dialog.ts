import { useEffect, useId, useRef } from "preact/hooks";
import { html, type Content } from "../html.ts";

/** A dialog over the page. The browser keeps the focus inside and gives it back; Escape closes it. */
export function Dialog({ title, close, children }: { title: string; close: () => void; children?: Content }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    return () => { if (opener instanceof HTMLElement && opener.isConnected) opener.focus(); };
  }, []);
  return html`<dialog ref=${dialog} aria-labelledby=${id} onClose=${close}>
    <h2 id=${id}>${title}</h2>
    ${children}
  </dialog>`;
}

/** Asks before something that cannot be undone. */
export function Confirm({ title, verb, busy, yes, close, children }: { title: string; verb: string; busy: boolean; yes: () => void; close: () => void; children?: Content }) {
  return html`<${Dialog} title=${title} close=${close}>
    ${children}
    <div class="actions">
      <button type="button" onClick=${close}>Cancel</button>
      <button type="button" class="danger" disabled=${busy} onClick=${yes}>${verb}</button>
    </div>
  <//>`;
}
