import { bar, base, type Drawing, emptyCard, figure, HALF, table } from '../drawing.js';
import { compact, count, decimal, percent } from '../format.js';
import { type Html, html } from '../html.js';
import type { ReportInput, SegmentProfile } from '../report-input.js';

/** The user segments: how large they are, and what sets them apart. */
export function segments(input: ReportInput, kit: Drawing): Html {
  if (input.segments.length === 0) {
    return html`<section aria-labelledby="segments"><h2 id="segments">Segments</h2>
${emptyCard('User segments', 'No user has a segment yet.')}</section>`;
  }
  return html`<section aria-labelledby="segments"><h2 id="segments">Segments</h2>
<div class="columns">${sizes(input.segments, kit)}${profiles(input.segments)}</div></section>`;
}

const colour = (segment: string): string => (/risk/i.test(segment) ? 'var(--risk)' : 'var(--accent)');

function sizes(rows: readonly SegmentProfile[], { plot, svg }: Drawing): Html {
  const all = rows.reduce((sum, s) => sum + s.users, 0);
  const top = Math.max(1, ...rows.map((s) => s.users));
  const shown = rows.map((s) => `${s.segment} ${count(s.users)}`).join(', ');
  return figure({
    id: 'segment-sizes',
    title: 'Users by segment',
    note: 'Found by k-means on how much, how often and how recently users are active.',
    label: `Bar chart of the users in each segment: ${shown}.`,
    sizes: HALF,
    columns: [{ title: 'Segment' }, { title: 'Users', numeric: true }, { title: 'Share', numeric: true }],
    rows: rows.map((s) => [s.segment, count(s.users), percent(s.users / all)]),
    draw: (size) =>
      svg({
        ...base(size, 30 + rows.length * 56),
        marginLeft: 4,
        marginRight: 70,
        marginTop: 8,
        marginBottom: 8,
        x: { axis: null, domain: [0, top] },
        y: { axis: null, domain: rows.map((s) => s.segment), padding: 0.5, paddingOuter: 0.25 },
        color: { type: 'identity' },
        marks: [
          plot.barX(rows, {
            className: 'bars',
            x: 'users',
            y: 'segment',
            fill: (s) => colour(s.segment),
            rx: 3,
            title: (s) => `${s.segment}\n${count(s.users)} users, ${percent(s.users / all)}`,
          }),
          plot.text(rows, {
            x: 0,
            y: 'segment',
            text: 'segment',
            textAnchor: 'start',
            dy: -22,
            dx: 1,
            fill: 'var(--ink)',
            fontWeight: 600,
            textOverflow: 'ellipsis',
            lineWidth: size.name === 'small' ? 24 : 34,
          }),
          plot.text(rows, {
            x: 'users',
            y: 'segment',
            text: (s) => `${compact(s.users)} · ${percent(s.users / all)}`,
            textAnchor: 'start',
            dx: 6,
            fill: 'var(--muted)',
          }),
        ],
      }),
  });
}

/** The columns of the profile table: a mean of each segment's users. */
const MEASURES: readonly {
  readonly title: string;
  readonly of: (s: SegmentProfile) => number;
  readonly shown: (v: number) => string;
}[] = [
  { title: 'Events', of: (s) => s.total_events, shown: decimal },
  { title: 'Active days', of: (s) => s.login_frequency, shown: decimal },
  { title: 'Minutes in all', of: (s) => s.total_session_length_minutes, shown: count },
  { title: 'Minutes a session', of: (s) => s.average_session_length_minutes, shown: decimal },
  { title: 'Features used', of: (s) => s.unique_features_used, shown: decimal },
  { title: 'Days since last login', of: (s) => s.days_since_last_login, shown: decimal },
];

function profiles(rows: readonly SegmentProfile[]): Html {
  return html`<div class="card"><h3>What sets them apart</h3><p class="note">Means of each segment's users; the bars compare the segments.</p>
${table(
  'Segment profiles',
  [{ title: 'Mean of' }, ...rows.map((s) => ({ title: s.segment, numeric: true }))],
  MEASURES.map((m) => {
    const top = Math.max(...rows.map(m.of), Number.MIN_VALUE);
    return [m.title, ...rows.map((s) => html`${m.shown(m.of(s))}${bar(m.of(s) / top, 'accent')}`)];
  }),
  'even',
)}</div>`;
}

/** A share as a percentage with its bar. */
export function shareCell(share: number, tone: 'accent' | 'risk'): Html {
  return html`${percent(share)}${bar(share, tone)}`;
}
