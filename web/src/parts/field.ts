import { useId } from "preact/hooks";
import { html, type Content } from "../html.ts";

interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly value?: string | undefined;
  readonly type?: string | undefined;
  readonly hint?: string | undefined;
  readonly required?: boolean | undefined;
  readonly placeholder?: string | undefined;
  readonly rows?: number | undefined;
  readonly inputmode?: string | undefined;
  readonly focus?: boolean | undefined;
}

/** A labelled field; with rows it is a text of several lines. */
export function Field({ label, name, value = "", type = "text", hint, required = false, placeholder, rows, inputmode, focus = false }: FieldProps) {
  const id = useId();
  const shared = { id, name, required, placeholder, autofocus: focus, autocomplete: "off", spellcheck: false, "aria-describedby": hint === undefined ? undefined : `${id}-hint` };
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${rows === undefined ? html`<input ...${shared} type=${type} inputmode=${inputmode} defaultValue=${value} />` : html`<textarea ...${shared} rows=${rows} defaultValue=${value}></textarea>`}
    ${hint !== undefined && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
  </div>`;
}

/** A labelled choice. */
export function Choice({ label, name, value, options, change, hint }: {
  label: string; name: string; value: string; options: readonly (readonly [string, string])[]; change?: ((value: string) => void) | undefined; hint?: string | undefined;
}) {
  const id = useId();
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <select id=${id} name=${name} value=${value} aria-describedby=${hint === undefined ? undefined : `${id}-hint`} onChange=${(event: Event) => change?.((event.target as HTMLSelectElement).value)}>
      ${options.map(([key, text]) => html`<option value=${key} selected=${key === value}>${text}</option>`)}
    </select>
    ${hint !== undefined && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
  </div>`;
}

/** A form whose fields arrive as text when it is sent. */
export function Form({ send, children, label }: { send: (fields: Readonly<Record<string, string>>) => void; children?: Content; label?: string }) {
  const submit = (event: Event) => {
    event.preventDefault();
    send(Object.fromEntries([...new FormData(event.target as HTMLFormElement)].map(([name, value]) => [name, typeof value === "string" ? value : ""])));
  };
  return html`<form aria-label=${label} onSubmit=${submit}>${children}</form>`;
}
