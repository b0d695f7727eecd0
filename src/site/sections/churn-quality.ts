import { base, type Drawing, emptyCard, figure, HALF, type Size, shareAxisX, shareAxisY } from '../drawing.js';
import { count, decimal, percent, roundPercent } from '../format.js';
import { type Html, html } from '../html.js';
import type { ReportInput, RiskGroup } from '../report-input.js';

/** How far the churn scores can be trusted: on users and a time that the model had not seen. */
export function churnQuality({ lift: groups }: ReportInput, kit: Drawing): Html {
  if (groups.length === 0)
    return emptyCard('How good the scores are', 'The model has not been judged on held out users.');
  return html`<div class="columns">${calibration(groups, kit)}${gain(groups, kit)}</div>`;
}

const nth = (group: number): string => `Tenth ${group}${group === 1 ? ' (riskiest)' : ''}`;

/** The frame of both charts. */
const square = (size: Size) => ({
  ...base(size, 280),
  marginLeft: 44,
  marginRight: 16,
  marginTop: 26,
  marginBottom: 40,
});

/** Where both shares are the same. */
const diagonal = (plot: Drawing['plot']) =>
  plot.line(
    [
      [0, 0],
      [1, 1],
    ],
    { stroke: 'var(--line-strong)', strokeDasharray: '4 3' },
  );

function calibration(groups: readonly RiskGroup[], { plot, svg }: Drawing): Html {
  const users = groups.reduce((sum, g) => sum + g.users, 0);
  const gap = groups.reduce((sum, g) => sum + (g.users * Math.abs(g.predicted_rate - g.observed_rate)) / users, 0);
  return figure({
    id: 'calibration',
    title: 'Do the probabilities hold?',
    note: `Of held out users with about this probability, how many did leave (95% interval). On the line they agree; the mean distance is ${(gap * 100).toFixed(1)} points.`,
    label: `Calibration chart of ${count(users)} held out users in ${groups.length} groups. Mean distance of predicted and observed rate: ${(gap * 100).toFixed(1)} points.`,
    sizes: HALF,
    columns: [
      { title: 'Users by risk' },
      { title: 'Users', numeric: true },
      { title: 'Predicted', numeric: true },
      { title: 'Left', numeric: true },
    ],
    rows: groups.map((g) => [nth(g.risk_group), count(g.users), percent(g.predicted_rate), percent(g.observed_rate)]),
    draw: (size) =>
      svg({
        ...square(size),
        x: shareAxisX('Predicted to leave'),
        y: shareAxisY('Did leave'),
        marks: [
          diagonal(plot),
          plot.ruleX(groups, { x: 'predicted_rate', y1: 'low', y2: 'high', stroke: 'var(--risk)' }),
          plot.dot(groups, {
            className: 'bars',
            x: 'predicted_rate',
            y: 'observed_rate',
            r: 5,
            fill: 'var(--risk)',
            title: (g) =>
              `${nth(g.risk_group)}\n${percent(g.predicted_rate)} predicted\n${percent(g.observed_rate)} left (${percent(g.low)} to ${percent(g.high)})`,
          }),
        ],
      }),
  });
}

function gain(groups: readonly RiskGroup[], { plot, svg }: Drawing): Html {
  const first = groups[0];
  const points = [{ share_of_users: 0, share_of_churned: 0 }, ...groups];
  const users = groups.reduce((sum, g) => sum + g.users, 0);
  const third = groups.find((g) => g.share_of_users >= 0.299);
  return figure({
    id: 'gain',
    title: 'Whom to talk to first',
    note: `Asking the riskiest users first, how many of those who left would have been asked.${
      third === undefined
        ? ''
        : ` The riskiest ${roundPercent(third.share_of_users)} hold ${roundPercent(third.share_of_churned)} of them.`
    } All ${count(users)} held out users count, those who had long been silent too. Dashed: asking at random.`,
    label: `Gain chart of ${count(users)} held out users in ${groups.length} risk groups. The riskiest tenth left ${decimal(first?.lift ?? 0)} times as often as all.`,
    sizes: HALF,
    columns: [
      { title: 'Users by risk' },
      { title: 'Left', numeric: true },
      { title: 'Lift', numeric: true },
      { title: 'Of all who left, so far', numeric: true },
    ],
    rows: groups.map((g) => [
      nth(g.risk_group),
      percent(g.observed_rate),
      `${g.lift.toFixed(2)}×`,
      percent(g.share_of_churned),
    ]),
    draw: (size) =>
      svg({
        ...square(size),
        x: shareAxisX('Users asked'),
        y: shareAxisY('Of those who left'),
        marks: [
          diagonal(plot),
          plot.areaY(points, { x: 'share_of_users', y: 'share_of_churned', fill: 'var(--risk)', fillOpacity: 0.08 }),
          plot.line(points, { x: 'share_of_users', y: 'share_of_churned', stroke: 'var(--risk)', strokeWidth: 2.5 }),
          plot.dot(groups, {
            className: 'bars',
            x: 'share_of_users',
            y: 'share_of_churned',
            r: 4,
            fill: 'var(--risk)',
            title: (g) =>
              `${nth(g.risk_group)}\n${percent(g.share_of_users)} of users asked so far\n${percent(g.share_of_churned)} of those who left\n${g.lift.toFixed(2)} times the rate of all`,
          }),
        ],
      }),
  });
}
