import { base, type Drawing, emptyCard, FULL, figure } from '../drawing.js';
import { addDays, count, month, percent, roundPercent } from '../format.js';
import type { Html } from '../html.js';
import type { CohortMonth, ReportInput } from '../report-input.js';

/** Cohorts and months at most: a year. */
const LONGEST = 12;

/** Of the users who signed up in a month, the share who were active in each month after. */
export function retention(input: ReportInput, kit: Drawing): Html {
  const rows = recent(input);
  return rows.length === 0
    ? emptyCard('Retention by sign-up month', 'No cohort has been seen yet.')
    : heatMap(rows, input, kit);
}

/** The latest cohorts that were seen from their first month on, and their first year. */
function recent({ retention: rows }: ReportInput): CohortMonth[] {
  const whole = new Set(rows.filter((r) => r.months_since_signup === 0).map((r) => r.cohort_month));
  const cohorts = [...whole].sort().slice(-LONGEST);
  return rows.filter((r) => cohorts.includes(r.cohort_month) && r.months_since_signup < LONGEST);
}

function heatMap(rows: readonly CohortMonth[], { asOf }: ReportInput, { plot, svg }: Drawing): Html {
  const cohorts = [...new Map(rows.map((r) => [r.cohort_month, r.cohort_users]))];
  const months = Array.from({ length: Math.max(...rows.map((r) => r.months_since_signup)) + 1 }, (_, i) => i);
  const current = `${asOf.slice(0, 7)}-01`;
  // The current month is whole only if today is its last day.
  const unfinished = addDays(asOf, 1).slice(0, 7) === asOf.slice(0, 7);
  const cells = rows.map((r) => ({ ...r, partial: unfinished && r.activity_month === current }));
  const second = cells.filter((r) => r.months_since_signup === 1 && !r.partial);
  const users = second.reduce((sum, r) => sum + r.cohort_users, 0);
  const kept = second.reduce((sum, r) => sum + r.active_users, 0);
  const summary = users === 0 ? '' : ` In the month after the sign-up, ${percent(kept / users)} were active.`;
  return figure({
    id: 'cohorts',
    title: 'Retention by sign-up month',
    note: `Share of a month's new users who were active in each month since.${cells.some((c) => c.partial) ? ' The current month is not over yet (dashed).' : ''}`,
    label: `Heat map of the retention of ${cohorts.length} monthly cohorts over ${months.length} months.${summary}`,
    sizes: FULL,
    columns: [
      { title: 'Cohort' },
      { title: 'Month', numeric: true },
      { title: 'Users', numeric: true },
      { title: 'Active', numeric: true },
      { title: 'Retention', numeric: true },
    ],
    rows: cells.map((c) => [
      month(c.cohort_month),
      c.months_since_signup,
      count(c.cohort_users),
      count(c.active_users),
      `${percent(c.retention_rate)}${c.partial ? ' (partial)' : ''}`,
    ]),
    draw: (size) => {
      const small = size.name === 'small';
      // On a phone twelve columns would be too narrow to read: half a year must do there.
      const shown = small ? cells.filter((c) => c.months_since_signup < 6) : cells;
      const columns = small ? months.slice(0, 6) : months;
      const left = small ? 62 : 130;
      const name = new Map(
        cohorts.map(([cohort, n]) => [cohort, small ? month(cohort) : `${month(cohort)} · ${count(n)} users`]),
      );
      return svg({
        ...base(size, 34 + cohorts.length * (size.name === 'large' ? 32 : 28)),
        marginLeft: left,
        marginRight: 4,
        marginTop: 30,
        marginBottom: 4,
        x: {
          axis: 'top',
          domain: columns,
          label: null,
          tickSize: 0,
          padding: 0.06,
          tickFormat: (m: number) => (small ? `${m}` : m === 0 ? 'Month 0' : `${m}`),
        },
        y: {
          domain: cohorts.map(([cohort]) => cohort),
          label: null,
          tickSize: 0,
          padding: 0.1,
          tickFormat: (c: string) => name.get(c) ?? c,
        },
        // No darker than the ink of the figures can be read on, in both schemes.
        opacity: { domain: [0, 1], range: [0.04, 0.72] },
        marks: [
          plot.cell(shown, {
            className: 'cells',
            x: 'months_since_signup',
            y: 'cohort_month',
            fill: 'var(--heat)',
            fillOpacity: 'retention_rate',
            rx: 3,
            title: (c) =>
              `${month(c.cohort_month)} cohort, month ${c.months_since_signup} (${month(c.activity_month)})\n${percent(c.retention_rate)}: ${count(c.active_users)} of ${count(c.cohort_users)} users${c.partial ? '\n(the month is not over)' : ''}`,
          }),
          plot.cell(
            shown.filter((c) => c.partial),
            {
              x: 'months_since_signup',
              y: 'cohort_month',
              fill: 'none',
              stroke: 'var(--muted)',
              strokeDasharray: '3 2',
              rx: 3,
              pointerEvents: 'none',
            },
          ),
          plot.text(shown, {
            x: 'months_since_signup',
            y: 'cohort_month',
            text: (c) =>
              size.name === 'large' ? roundPercent(c.retention_rate) : String(Math.round(c.retention_rate * 100)),
            fill: 'var(--ink)',
            pointerEvents: 'none',
          }),
        ],
      });
    },
  });
}
