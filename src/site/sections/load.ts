import { table } from '../drawing.js';
import { count, readable } from '../format.js';
import { type Html, html } from '../html.js';
import type { ReportInput } from '../report-input.js';

/** Where the raw records went: nothing is dropped silently. */
export function load({ load: rows }: ReportInput): Html {
  const all = rows.reduce((sum, r) => sum + r.records, 0);
  if (all === 0) return html``;
  return html`<section aria-labelledby="load"><h2 id="load">Data quality</h2>
<div class="card"><h3>Where the raw records went</h3><p class="note">Repeated deliveries are dropped; records that can't be used are kept aside with the reason.</p>
${table(
  'Raw records by outcome',
  [{ title: 'Outcome' }, { title: 'Reason' }, { title: 'Records', numeric: true }, { title: 'Share', numeric: true }],
  rows.map((r) => [
    readable(r.outcome),
    readable(r.reason),
    count(r.records),
    `${((r.records / all) * 100).toFixed(2)}%`,
  ]),
)}</div></section>`;
}
