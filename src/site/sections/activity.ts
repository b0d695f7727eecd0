import { base, type Drawing, emptyCard, FULL, figure, HALF, valueAxis } from '../drawing.js';
import { addDays, count, day, percent, roundPercent, utc } from '../format.js';
import { type Html, html } from '../html.js';
import type { ReportInput, Stickiness } from '../report-input.js';
import { meansOf } from './kpis.js';

/** Days until the 30-day window is full: before, stickiness would be too high. */
const MONTH_WINDOW = 30;

/** Daily and weekly active users, and stickiness. */
export function activity(input: ReportInput, kit: Drawing): Html {
  return html`<section aria-labelledby="activity"><h2 id="activity">Activity</h2>
${daily(input, kit)}
<div class="columns">${weekly(input, kit)}${stickiness(input.stickiness.slice(MONTH_WINDOW - 1), kit)}</div>
</section>`;
}

function daily({ daily: rows }: ReportInput, { plot, svg }: Drawing): Html {
  const last = rows.at(-1);
  const first = rows[0];
  if (first === undefined || last === undefined) return emptyCard('Daily active users', 'There are no events yet.');
  const means = meansOf(
    rows.map((r) => r.dau),
    7,
  );
  const points = rows.map((r, i) => ({ ...r, at: utc(r.date), mean: means[i - 6] }));
  const smooth = points.filter((p) => p.mean !== undefined);
  const top = Math.max(1, ...rows.map((r) => r.dau));
  const best = rows.find((r) => r.dau === top) ?? last;
  return figure({
    id: 'dau',
    title: 'Daily active users',
    note: 'Different users with at least one event on the day, and the mean of the last 7 days.',
    label: `Line chart of daily active users from ${day(first.date)} to ${day(last.date)}. Most: ${count(top)} on ${day(best.date)}. Last: ${count(last.dau)}.`,
    legend: html`<p class="legend"><span class="key faint"></span>Day <span class="key"></span>7-day mean</p>`,
    sizes: FULL,
    columns: [{ title: 'Day' }, { title: 'Active users', numeric: true }, { title: '7-day mean', numeric: true }],
    rows: points.map((p) => [p.date, count(p.dau), p.mean === undefined ? '–' : count(p.mean)]).reverse(),
    draw: (size) =>
      svg({
        ...base(size, size.name === 'small' ? 220 : 280),
        marginLeft: 40,
        marginRight: 12,
        marginTop: 26,
        x: { type: 'utc', label: null, ticks: size.name === 'small' ? 4 : 12 },
        y: valueAxis('Users', { top }),
        marks: [
          plot.line(points, { x: 'at', y: 'dau', stroke: 'var(--accent)', strokeOpacity: 0.35, strokeWidth: 1 }),
          plot.areaY(smooth, { x: 'at', y: 'mean', fill: 'var(--accent)', fillOpacity: 0.08 }),
          plot.line(smooth, { x: 'at', y: 'mean', stroke: 'var(--accent)', strokeWidth: 2.5 }),
          plot.rectX(points, {
            className: 'hit',
            x1: (p) => utc(addDays(p.date, -1)).getTime() + 43_200_000,
            x2: (p) => p.at.getTime() + 43_200_000,
            fill: 'transparent',
            title: (p) =>
              `${day(p.date)}\n${count(p.dau)} active users${p.mean === undefined ? '' : `\n${count(p.mean)} in the 7-day mean`}`,
          }),
        ],
      }),
  });
}

function weekly({ weekly: rows, daily: days, asOf }: ReportInput, { plot, svg }: Drawing): Html {
  const first = rows[0];
  const last = rows.at(-1);
  if (first === undefined || last === undefined) return emptyCard('Weekly active users', 'There are no events yet.');
  const start = days[0]?.date ?? first.week_start_date;
  const points = rows.map((r) => ({
    ...r,
    name: `Week ${r.week} of ${r.year}`,
    partial: r.week_start_date < start || addDays(r.week_start_date, 6) > asOf,
  }));
  const top = Math.max(1, ...rows.map((r) => r.wau));
  const anyPartial = points.some((p) => p.partial);
  return figure({
    id: 'wau',
    title: 'Weekly active users',
    note: `Different users in each ISO week.${anyPartial ? ' Pale: a week cut off by the data.' : ''}`,
    label: `Bar chart of weekly active users from the week of ${day(first.week_start_date)} to that of ${day(last.week_start_date)}. Most: ${count(top)}. Last: ${count(last.wau)}.`,
    sizes: HALF,
    columns: [{ title: 'ISO week' }, { title: 'Monday' }, { title: 'Active users', numeric: true }],
    rows: points
      .map((p) => [
        `${p.year}-W${String(p.week).padStart(2, '0')}`,
        p.week_start_date,
        `${count(p.wau)}${p.partial ? ' (partial)' : ''}`,
      ])
      .reverse(),
    draw: (size) =>
      svg({
        ...base(size, 250),
        marginLeft: 40,
        marginRight: 12,
        marginTop: 26,
        x: { type: 'utc', label: null, ticks: size.name === 'medium' ? 8 : 4 },
        y: valueAxis('Users', { top }),
        marks: [
          plot.rectY(points, {
            className: 'bars',
            x1: (p) => utc(p.week_start_date),
            x2: (p) => utc(addDays(p.week_start_date, 7)),
            y: 'wau',
            insetLeft: 0.75,
            insetRight: 0.75,
            fill: 'var(--accent)',
            fillOpacity: (p) => (p.partial ? 0.35 : 1),
            title: (p) =>
              `${p.name}, from ${day(p.week_start_date)}\n${count(p.wau)} active users${p.partial ? '\n(partial week)' : ''}`,
          }),
          plot.ruleY([0], { stroke: 'var(--line-strong)' }),
        ],
        opacity: { type: 'identity' },
      }),
  });
}

function stickiness(rows: readonly Stickiness[], { plot, svg }: Drawing): Html {
  const points = rows.flatMap((r) => (r.stickiness === null ? [] : [{ ...r, at: utc(r.date), ratio: r.stickiness }]));
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) {
    return emptyCard('Stickiness', `It can be told from day ${MONTH_WINDOW} of the data on.`);
  }
  const means = meansOf(
    points.map((p) => p.ratio),
    7,
  );
  const smooth = points.flatMap((p, i) => (means[i - 6] === undefined ? [] : [{ ...p, mean: means[i - 6] }]));
  const top = Math.max(0.01, ...points.map((p) => p.ratio));
  return figure({
    id: 'stickiness',
    title: 'Stickiness',
    note: 'Share of the users of the last 30 days who came on the day (DAU over MAU), and its 7-day mean.',
    legend: html`<p class="legend"><span class="key second faint"></span>Day <span class="key second"></span>7-day mean</p>`,
    label: `Line chart of stickiness from ${day(first.date)} to ${day(last.date)}. Last: ${percent(last.ratio)}, highest: ${percent(top)}.`,
    sizes: HALF,
    columns: [
      { title: 'Day' },
      { title: 'Stickiness', numeric: true },
      { title: 'DAU', numeric: true },
      { title: 'WAU', numeric: true },
      { title: 'MAU', numeric: true },
    ],
    rows: points.map((p) => [p.date, percent(p.ratio), count(p.dau), count(p.wau_7d), count(p.mau_30d)]).reverse(),
    draw: (size) =>
      svg({
        ...base(size, 250),
        marginLeft: 40,
        marginRight: 12,
        marginTop: 26,
        x: { type: 'utc', label: null, ticks: size.name === 'medium' ? 8 : 4 },
        y: valueAxis('DAU / MAU', { top, tickFormat: roundPercent }),
        marks: [
          plot.line(points, { x: 'at', y: 'ratio', stroke: 'var(--second)', strokeOpacity: 0.35, strokeWidth: 1 }),
          plot.line(smooth, { x: 'at', y: 'mean', stroke: 'var(--second)', strokeWidth: 2.5 }),
          plot.rectX(points, {
            className: 'hit',
            x1: (p) => p.at.getTime() - 43_200_000,
            x2: (p) => p.at.getTime() + 43_200_000,
            fill: 'transparent',
            title: (p) =>
              `${day(p.date)}\n${percent(p.ratio)} stickiness\n${count(p.dau)} of ${count(p.mau_30d)} users`,
          }),
        ],
      }),
  });
}
