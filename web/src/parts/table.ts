import { html, type Content } from "../html.ts";

/** A column: its heading, what it shows of a row, and whether it holds figures. */
export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => Content;
  readonly figures?: boolean;
}

/** A table that becomes a list of cards where it would not fit; the roles keep it a table for those who hear it. */
export function Table<Row>({ caption, columns, rows, name }: { caption: string; columns: readonly Column<Row>[]; rows: readonly Row[]; name?: (row: Row) => string }) {
  return html`<table role="table">
    <caption class="unseen">${caption}</caption>
    <thead role="rowgroup"><tr role="row">${columns.map(({ head, figures }) => html`<th role="columnheader" scope="col" class=${figures === true ? "figures" : ""}>${head}</th>`)}</tr></thead>
    <tbody role="rowgroup">${rows.map((row, at) => html`<tr role="row" key=${name?.(row) ?? at}>${columns.map(({ head, cell, figures }) => html`<td role="cell" data-head=${head} class=${figures === true ? "figures" : ""}><div>${cell(row)}</div></td>`)}</tr>`)}</tbody>
  </table>`;
}

/** Named figures side by side. */
export function Figures({ items }: { items: readonly (readonly [string, Content])[] }) {
  return html`<dl class="figures-grid">${items.map(([name, value]) => html`<div key=${name} class=${typeof value === "string" && value.length > 24 ? "wide" : ""}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
