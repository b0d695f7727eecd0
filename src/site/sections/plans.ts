import { base, type Drawing, emptyCard, figure, HALF, valueAxis } from '../drawing.js';
import { count, month, percent, readable, utc } from '../format.js';
import { type Html, html, trusted } from '../html.js';
import type { PlanMovement, ReportInput } from '../report-input.js';

/** Months shown at most. */
const LONGEST = 24;
const HALF_MONTH = 15 * 86_400_000;
/** Kinds of movements from the axis outwards, with their colours. */
const KINDS: readonly { readonly name: string; readonly fill: string; readonly opacity: number }[] = [
  { name: 'new', fill: 'var(--accent)', opacity: 1 },
  { name: 'expansion', fill: 'var(--second)', opacity: 1 },
  { name: 'reactivation', fill: 'var(--accent)', opacity: 0.45 },
  { name: 'cancellation', fill: 'var(--risk)', opacity: 1 },
  { name: 'contraction', fill: 'var(--risk)', opacity: 0.45 },
];

interface MonthSum {
  readonly month: string;
  readonly mrr: number;
  readonly change: number;
  readonly byKind: ReadonlyMap<string, PlanMovement>;
}

/** What the plans bring in, and what moved it. */
export function plans(input: ReportInput, kit: Drawing): Html {
  // Of the months before the first event only those are known who were still there when it came.
  const start = input.daily[0]?.date.slice(0, 7) ?? '';
  const months = sums(input.movements)
    .filter((m) => m.month.slice(0, 7) >= start)
    .slice(-LONGEST);
  return html`<section aria-labelledby="plans"><h2 id="plans">Plans</h2>${
    months.length === 0
      ? emptyCard('Monthly recurring revenue', 'No plan that costs something has been taken yet.')
      : html`<div class="columns">${revenue(months, kit)}${movements(months, kit)}</div>`
  }</section>`;
}

function sums(rows: readonly PlanMovement[]): MonthSum[] {
  const months = [...new Set(rows.map((row) => row.month))].sort();
  let mrr = 0;
  return months.map((name) => {
    const own = rows.filter((row) => row.month === name);
    const change = own.reduce((sum, row) => sum + row.mrr_change, 0);
    mrr += change;
    return { month: name, mrr, change, byKind: new Map(own.map((row) => [row.movement, row])) };
  });
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${count(Math.abs(value))}`;

function revenue(months: readonly MonthSum[], { plot, svg }: Drawing): Html {
  const last = months.at(-1);
  const before = months.at(-2);
  const points = months.map((m) => ({ ...m, at: utc(m.month) }));
  const from = points[0]?.at.getTime() ?? 0;
  const to = points.at(-1)?.at.getTime() ?? 0;
  const growth =
    last === undefined || before === undefined || before.mrr <= 0
      ? ''
      : ` ${signed(last.change)} (${percent(last.change / before.mrr)}) in ${month(last.month)}.`;
  return figure({
    id: 'mrr',
    title: 'Monthly recurring revenue',
    note: `What the plans in force at the end of the month bring in a month, in the currency of the price list.${growth}`,
    label: `Line chart of monthly recurring revenue over ${months.length} months. Last: ${count(last?.mrr ?? 0)}.`,
    sizes: HALF,
    columns: [{ title: 'Month' }, { title: 'MRR', numeric: true }, { title: 'Change', numeric: true }],
    rows: months.map((m) => [month(m.month), count(m.mrr), signed(m.change)]).reverse(),
    draw: (size) =>
      svg({
        ...base(size, 260),
        marginLeft: 44,
        marginRight: 14,
        marginTop: 26,
        x: { type: 'utc', label: null, ticks: size.name === 'medium' ? 8 : 4 },
        y: valueAxis('MRR', { top: Math.max(1, ...months.map((m) => m.mrr)) }),
        marks: [
          plot.areaY(points, { x: 'at', y: 'mrr', fill: 'var(--accent)', fillOpacity: 0.08 }),
          plot.line(points, { x: 'at', y: 'mrr', stroke: 'var(--accent)', strokeWidth: 2.5 }),
          plot.rectX(points, {
            className: 'hit',
            x1: (p) => Math.max(from, p.at.getTime() - HALF_MONTH),
            x2: (p) => Math.min(to, p.at.getTime() + HALF_MONTH),
            fill: 'transparent',
            title: (p) =>
              `${month(p.month)}\n${count(p.mrr)} at the end of the month\n${signed(p.change)} in the month`,
          }),
          plot.ruleY([0], { stroke: 'var(--line-strong)' }),
        ],
      }),
  });
}

function movements(all: readonly MonthSum[], { plot, svg }: Drawing): Html {
  const months = all.slice(-12);
  const kinds = KINDS.filter(({ name }) => months.some((m) => m.byKind.has(name)));
  const parts = months.flatMap((m) => {
    let up = 0;
    let down = 0;
    return kinds.map(({ name, fill, opacity }) => {
      const change = m.byKind.get(name)?.mrr_change ?? 0;
      const from = change < 0 ? down : up;
      if (change < 0) down += change;
      else up += change;
      return { month: m.month, name, fill, opacity, from, to: from + change };
    });
  });
  const last = months.at(-1);
  const title = (m: MonthSum): string =>
    [
      month(m.month),
      ...kinds.flatMap(({ name }) => {
        const row = m.byKind.get(name);
        return row === undefined ? [] : [`${readable(name)} ${signed(row.mrr_change)} (${count(row.changes)})`];
      }),
      `Together ${signed(m.change)}`,
    ].join('\n');
  return figure({
    id: 'plan-movements',
    title: 'What moved it',
    note: 'Change of the monthly recurring revenue by kind; in the tips the number of changes of plan.',
    label: `Stacked bar chart of revenue movements in ${months.length} months. Last month together: ${signed(last?.change ?? 0)}.`,
    legend: html`<p class="legend">${kinds.map(
      ({ name, fill, opacity }) =>
        html`<span class="entry">${trusted(`<span class="key block" style="background:${fill};opacity:${opacity}"></span>`)}${readable(name)}</span> `,
    )}</p>`,
    sizes: HALF,
    columns: [{ title: 'Month' }, ...kinds.map(({ name }) => ({ title: readable(name), numeric: true }))],
    rows: months
      .map((m) => [month(m.month), ...kinds.map(({ name }) => signed(m.byKind.get(name)?.mrr_change ?? 0))])
      .reverse(),
    draw: (size) =>
      svg({
        ...base(size, 260),
        marginLeft: 44,
        marginRight: 14,
        marginTop: 26,
        x: {
          label: null,
          domain: months.map((m) => m.month),
          padding: 0.25,
          tickSize: 0,
          tickFormat: (m: string) => month(m).slice(0, size.name === 'medium' ? 3 : 1),
        },
        y: valueAxis('MRR change', { ticks: 5 }),
        marks: [
          plot.barY(parts, { x: 'month', y1: 'from', y2: 'to', fill: 'fill', fillOpacity: 'opacity' }),
          plot.ruleY([0], { stroke: 'var(--line-strong)' }),
          plot.barY(months, {
            className: 'hit',
            x: 'month',
            y1: () => Math.min(0, ...parts.map((p) => p.to)),
            y2: () => Math.max(1, ...parts.map((p) => p.to)),
            fill: 'transparent',
            title,
          }),
        ],
        color: { type: 'identity' },
        opacity: { type: 'identity' },
      }),
  });
}
