import { base, type Drawing, emptyCard, figure, HALF, shareAxisX, table, valueAxis } from '../drawing.js';
import { count, percent, readable, roundPercent } from '../format.js';
import { type Html, html } from '../html.js';
import { RECENT_DAYS, type ReportInput } from '../report-input.js';
import { churnQuality } from './churn-quality.js';
import { shareCell } from './segments.js';

/** Who is likely to leave: the distribution of the probabilities, and where they are. */
export function churn(input: ReportInput, kit: Drawing): Html {
  const { churn: summary } = input;
  if (summary.scored === 0) {
    return html`<section aria-labelledby="churn"><h2 id="churn">Churn outlook</h2>
${emptyCard('Churn probability', 'No user has a churn score yet.')}</section>`;
  }
  return html`<section aria-labelledby="churn"><h2 id="churn">Churn outlook</h2>
<div class="columns">${distribution(input, kit)}${where(input)}</div>${churnQuality(input, kit)}</section>`;
}

function distribution({ churn: { scored, predicted, histogram } }: ReportInput, { plot, svg }: Drawing): Html {
  const bins = histogram.map((bin) => ({ ...bin, name: `${roundPercent(bin.from)} to ${roundPercent(bin.to)}` }));
  const top = Math.max(1, ...bins.map((bin) => bin.users));
  const title = (bin: (typeof bins)[number]): string =>
    `${bin.name}\n${count(bin.recent)} users seen in the last ${RECENT_DAYS} days\n${count(bin.users - bin.recent)} silent for longer`;
  return figure({
    id: 'churn-probability',
    title: 'Churn probability',
    note: 'Users by the probability that they will not come back, as the churn model sees it today.',
    label: `Histogram of the churn probability of ${count(scored)} users, of whom ${count(predicted)} are predicted to leave.`,
    legend: html`<p class="legend"><span class="key block"></span>Seen in the last ${RECENT_DAYS} days <span class="key block silent"></span>Silent for longer</p>`,
    sizes: HALF,
    columns: [
      { title: 'Probability' },
      { title: 'Users', numeric: true },
      { title: `Seen in the last ${RECENT_DAYS} days`, numeric: true },
    ],
    rows: bins.map((bin) => [bin.name, count(bin.users), count(bin.recent)]),
    draw: (size) =>
      svg({
        ...base(size, size.name === 'large' ? 300 : 240),
        marginLeft: 44,
        marginRight: 14,
        marginTop: 26,
        marginBottom: 40,
        x: shareAxisX('Probability of leaving'),
        y: valueAxis('Users', { top }),
        marks: [
          plot.rectY(bins, {
            x1: 'from',
            x2: 'to',
            y1: 'recent',
            y2: 'users',
            inset: 0.75,
            insetBottom: 0,
            fill: 'var(--silent)',
          }),
          plot.rectY(bins, {
            x1: 'from',
            x2: 'to',
            y: 'recent',
            insetLeft: 0.75,
            insetRight: 0.75,
            fill: 'var(--risk)',
          }),
          plot.rectX(bins, { className: 'hit', x1: 'from', x2: 'to', fill: 'transparent', title }),
          plot.ruleY([0], { stroke: 'var(--line-strong)' }),
        ],
      }),
  });
}

function where({ churn: { scored, predicted, recent, byPlan }, segments }: ReportInput): Html {
  const bySegment = segments.filter((s) => s.churn_probability !== null);
  const lead =
    recent.scored === 0
      ? html`<strong>${count(predicted)}</strong> of ${count(scored)} users are predicted to leave; none of them was seen in the last ${RECENT_DAYS} days.`
      : html`<strong>${count(recent.predicted)}</strong> of the ${count(recent.scored)} users seen in the last ${RECENT_DAYS} days, ${percent(recent.predicted / recent.scored)}, are predicted to leave; their mean probability is ${percent(recent.mean ?? 0)}. With those silent for longer it is ${count(predicted)} of ${count(scored)}.`;
  return html`<div class="card"><h3>Who is likely to leave</h3>
<p class="lead">${lead}</p>
${
  byPlan.length === 0
    ? null
    : table(
        `Predicted to leave by plan, of users seen in the last ${RECENT_DAYS} days`,
        [
          { title: 'Plan' },
          { title: 'Recent users', numeric: true },
          { title: 'Likely to leave', numeric: true },
          { title: 'Share', numeric: true },
        ],
        byPlan.map((p) => [
          readable(p.plan),
          count(p.users),
          count(p.predicted),
          shareCell(p.predicted / p.users, 'risk'),
        ]),
      )
}${
  bySegment.length === 0
    ? null
    : table(
        'Mean churn probability by segment',
        [{ title: 'Segment' }, { title: 'All users', numeric: true }, { title: 'Mean probability', numeric: true }],
        bySegment.map((s) => [s.segment, count(s.users), shareCell(s.churn_probability ?? 0, 'risk')]),
      )
}</div>`;
}
