import { bar } from '../drawing.js';
import { count, percent } from '../format.js';
import { type Html, html, trusted } from '../html.js';
import { RECENT_DAYS, type ReportInput } from '../report-input.js';

interface Tile {
  readonly label: string;
  readonly value: string;
  /** The change and what it is compared with. */
  readonly change?: { readonly text: string; readonly direction: 'up' | 'down' | 'flat'; readonly than: string };
  readonly note?: string;
  readonly trend: readonly number[];
  /** A part of a whole to show instead of a trend. */
  readonly share?: number;
}

/** Days of the small trend line in a tile. */
const TREND_DAYS = 90;

/** The figures at the head of the page. */
export function kpis(input: ReportInput): Html {
  const days = input.stickiness;
  const tiles: Tile[] = [];
  if (days.length > 0) {
    const dau = days.map((d) => d.dau);
    const trend = meansOf(dau, 7).slice(-TREND_DAYS);
    tiles.push({
      label: 'Daily active users',
      value: count(mean(dau.slice(-7))),
      note: 'mean of the last 7 days',
      ...(days.length >= 14
        ? { change: relative(mean(dau.slice(-7)), mean(dau.slice(-14, -7)), 'the 7 days before') }
        : {}),
      trend,
    });
    const window = (name: 'wau_7d' | 'mau_30d', label: string, length: number): void => {
      const values = days.map((d) => d[name]);
      const now = values.at(-1) ?? 0;
      const before = values.at(-1 - length);
      tiles.push({
        label,
        value: count(now),
        note: `in the last ${length} days`,
        ...(before !== undefined && days.length >= 2 * length
          ? { change: relative(now, before, `the ${length} days before`) }
          : {}),
        trend: values.slice(length - 1).slice(-TREND_DAYS),
      });
    };
    window('wau_7d', 'Weekly active users', 7);
    window('mau_30d', 'Monthly active users', 30);
    const ratios = days.slice(29).flatMap((d) => (d.stickiness === null ? [] : [d.stickiness]));
    if (ratios.length > 0) {
      const now = mean(ratios.slice(-7));
      tiles.push({
        label: 'Stickiness',
        value: percent(now),
        note: 'DAU over MAU, mean of the last 7 days',
        ...(ratios.length >= 14 ? { change: points(now, mean(ratios.slice(-14, -7)), 'the 7 days before') } : {}),
        trend: meansOf(ratios, 7).slice(-TREND_DAYS),
      });
    }
  }
  const { predicted, scored } = input.churn.recent;
  if (scored > 0) {
    tiles.push({
      label: 'Likely to leave',
      value: count(predicted),
      note: `${percent(predicted / scored)} of the ${count(scored)} users seen in the last ${RECENT_DAYS} days`,
      trend: [],
      share: predicted / scored,
    });
  }
  if (tiles.length === 0) return html``;
  return html`<section aria-label="Key figures" class="tiles">${tiles.map(tile)}</section>`;
}

function tile({ label, value, change, note, trend, share }: Tile): Html {
  const arrow = { up: '▲', down: '▼', flat: '■' };
  return html`<div class="card tile"><h2>${label}</h2><p class="value">${value}</p>
<p class="note">${note}</p>${
    change === undefined
      ? null
      : html`<p class="change ${change.direction}"><span aria-hidden="true">${arrow[change.direction]}</span> ${change.text}<span class="than"> than ${change.than}</span></p>`
  }${share === undefined ? spark(trend) : bar(share, 'risk')}</div>`;
}

/** A line without axes. Decoration: the figures stand beside it. */
function spark(values: readonly number[]): Html | null {
  if (values.length < 2) return null;
  const width = 120;
  const height = 32;
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const at = (value: number, i: number): string =>
    `${((i / (values.length - 1)) * width).toFixed(1)},${(height - 2 - ((value - low) / span) * (height - 4)).toFixed(1)}`;
  const line = values.map(at).join(' ');
  return trusted(
    `<svg class="spark" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true"><polygon points="0,${height} ${line} ${width},${height}"/><polyline points="${line}"/></svg>`,
  );
}

function relative(now: number, before: number, than: string): NonNullable<Tile['change']> {
  if (before === 0) return { text: now === 0 ? 'no change' : 'more', direction: now === 0 ? 'flat' : 'up', than };
  return changeOf(now / before - 1, (size) => percent(size), than);
}

function points(now: number, before: number, than: string): NonNullable<Tile['change']> {
  return changeOf(now - before, (size) => `${(size * 100).toFixed(1)} points`, than);
}

function changeOf(change: number, shown: (size: number) => string, than: string): NonNullable<Tile['change']> {
  const direction = Math.abs(change) < 0.0005 ? 'flat' : change > 0 ? 'up' : 'down';
  const word = { up: 'more', down: 'less', flat: 'more or less' }[direction];
  return { text: `${shown(Math.abs(change))} ${word}`, direction, than };
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;
}

/** The mean of each value and those before it, over `length` values; it starts where the window is full. */
export function meansOf(values: readonly number[], length: number): number[] {
  const means: number[] = [];
  let sum = 0;
  for (const [i, value] of values.entries()) {
    sum += value;
    if (i >= length) sum -= values[i - length] ?? 0;
    if (i >= length - 1) means.push(sum / length);
  }
  return means;
}
