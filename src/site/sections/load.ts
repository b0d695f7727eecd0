import { table } from '../drawing.js';
import { count, decimal, readable, time } from '../format.js';
import { type Html, html } from '../html.js';
import type { BuildStatus, Outcomes, ReportInput } from '../report-input.js';

/** Troubles named at most. */
const NAMED = 10;

/** What the last build and its tests said, and where the raw records went: nothing is dropped silently. */
export function load({ load: rows, build }: ReportInput): Html {
  const all = rows.reduce((sum, r) => sum + r.records, 0);
  if (all === 0 && build === undefined) return html``;
  return html`<section aria-labelledby="load"><h2 id="load">Data quality</h2>
${build === undefined ? null : status(build)}${
  all === 0
    ? null
    : html`<div class="card"><h3>Where the raw records went</h3><p class="note">Repeated deliveries are dropped; records that can't be used are kept aside with the reason.</p>
${table(
  'Raw records by outcome',
  [{ title: 'Outcome' }, { title: 'Records', numeric: true }, { title: 'Share', numeric: true }],
  rows.map((r) => [
    r.reason === 'ok' ? readable(r.outcome) : `${readable(r.outcome)}: ${r.reason.replaceAll('_', ' ')}`,
    count(r.records),
    `${((r.records / all) * 100).toFixed(2)}%`,
  ]),
)}</div>`
}</section>`;
}

/** In one word, for the head of the page. */
export function verdict({ models, tests }: BuildStatus): {
  readonly tone: 'good' | 'warn' | 'bad';
  readonly text: string;
} {
  const failed = models.failed + tests.failed;
  const run = tests.good + tests.warned + tests.failed;
  if (failed > 0) return { tone: 'bad', text: `${count(failed)} failed in the last run` };
  if (tests.warned > 0) return { tone: 'warn', text: `${count(tests.warned)} of ${count(run)} tests warn` };
  return { tone: 'good', text: run === 0 ? 'Built; no tests ran' : `All ${count(run)} tests passed` };
}

function status(build: BuildStatus): Html {
  const { tone, text } = verdict(build);
  return html`<div class="card"><h3>The last run</h3><p class="note">upsql ${build.command}, ended ${time(build.at)}.</p>
<p class="lead"><span class="badge ${tone}">${text}</span></p>
${table(
  'Results of the last run',
  [
    { title: '' },
    { title: 'Good', numeric: true },
    { title: 'Warned', numeric: true },
    { title: 'Failed', numeric: true },
    { title: 'Skipped', numeric: true },
  ],
  [outcomes('Tables', build.models), outcomes('Tests', build.tests)],
)}${
  build.troubles.length === 0
    ? null
    : html`<ul class="troubles">${build.troubles.slice(0, NAMED).map((t) => html`<li><strong>${t.status}</strong> ${t.name}</li>`)}${
        build.troubles.length > NAMED ? html`<li>and ${count(build.troubles.length - NAMED)} more</li>` : null
      }</ul>`
}${
  build.sources.length === 0
    ? null
    : table(
        'Freshness of the sources',
        [{ title: 'Source' }, { title: 'Freshness' }, { title: 'Hours behind', numeric: true }],
        build.sources.map((s) => [readable(s.name), readable(s.status), s.hours === null ? '–' : decimal(s.hours)]),
      )
}</div>`;
}

const outcomes = (name: string, o: Outcomes): string[] => [
  name,
  count(o.good),
  count(o.warned),
  count(o.failed),
  count(o.skipped),
];
