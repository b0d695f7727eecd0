import type * as Plot from '@observablehq/plot';
import { compact, roundPercent } from './format.js';
import { type Html, html, trusted } from './html.js';

/** Observable Plot and a document to draw in, loaded when the first chart is drawn. */
export interface Drawing {
  readonly plot: typeof Plot;
  /** Draws a chart into SVG markup. */
  readonly svg: (options: Plot.PlotOptions) => Html;
}

export async function drawing(): Promise<Drawing> {
  const [plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')]);
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  return {
    plot,
    svg: (options) => {
      const element = plot.plot({ ...options, document, className: 'plot' });
      // The figure around it carries the description; each page width has its own drawing of the same.
      element.setAttribute('aria-hidden', 'true');
      element.removeAttribute('width');
      element.removeAttribute('height');
      for (const style of element.querySelectorAll('style')) style.remove();
      for (const mark of element.querySelectorAll('rect,path')) shorten(mark);
      return trusted(element.outerHTML);
    },
  };
}

/** Rounds a mark's coordinates to a tenth of a pixel: digits that nobody sees are most of a drawing's bytes. */
function shorten(mark: {
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
}): void {
  for (const name of ['d', 'x', 'y', 'width', 'height']) {
    const value = mark.getAttribute(name);
    if (value !== null)
      mark.setAttribute(
        name,
        value.replace(/\d+\.\d{2,}/g, (n) => String(Math.round(Number(n) * 10) / 10)),
      );
  }
}

/** A size that a chart is drawn for: lettering keeps its size only if the drawing has about the page's width. */
export interface Size {
  readonly name: 'large' | 'medium' | 'small';
  readonly width: number;
}

const SMALL: Size = { name: 'small', width: 330 };
const MEDIUM: Size = { name: 'medium', width: 640 };
/** For a chart over the whole page and for one in a column of two. */
export const FULL: readonly Size[] = [{ name: 'large', width: 1040 }, MEDIUM, SMALL];
export const HALF: readonly Size[] = [{ name: 'large', width: 490 }, MEDIUM, SMALL];

export interface TableColumn {
  readonly title: string;
  readonly numeric?: boolean;
}

export interface Figure {
  readonly id: string;
  readonly title: string;
  /** One sentence under the title: what is shown, or how it is defined. */
  readonly note?: string;
  /** What the chart shows, for who can't see it: its kind, its range and its most important figure. */
  readonly label: string;
  readonly legend?: Html;
  readonly sizes: readonly Size[];
  readonly draw: (size: Size) => Html;
  /** The same data as a table. */
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** A card with a chart, drawn once for each page width, and its data as a table to unfold. */
export function figure(f: Figure): Html {
  return html`<figure class="card" aria-labelledby="${f.id}-title">
<figcaption><h3 id="${f.id}-title">${f.title}</h3>${f.note === undefined ? null : html`<p class="note">${f.note}</p>`}${f.legend}</figcaption>
<div class="chart" role="img" aria-label="${f.label}">${f.sizes.map((size) => html`<div class="${size.name}">${f.draw(size)}</div>`)}</div>
<details><summary>Show the data<span class="hidden"> of ${f.title}</span></summary>${table(f.title, f.columns, f.rows)}</details>
</figure>`;
}

export function table(
  caption: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly (string | number | Html)[])[],
  /** `even`: columns of equal width, for figures to be compared along a row. */
  layout: 'even' | 'auto' = 'auto',
): Html {
  const kind = (i: number): Html => (columns[i]?.numeric ? trusted(' class="number"') : trusted(''));
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Table: ${caption}"><table class="${layout}">
<caption class="hidden">${caption}</caption>
<thead><tr>${columns.map((c, i) => html`<th scope="col"${kind(i)}>${c.title}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr>${row.map((cell, i) => (i === 0 ? html`<th scope="row"${kind(i)}>${cell}</th>` : html`<td${kind(i)}>${cell}</td>`))}</tr>`,
  )}</tbody>
</table></div>`;
}

/** A bar as long as its share of the whole width. Decoration: the figure stands beside it. */
export function bar(share: number, tone: 'accent' | 'risk'): Html {
  const width = (Math.max(0, Math.min(1, share)) * 100).toFixed(1);
  return trusted(`<span class="bar ${tone}" style="--share:${width}%"></span>`);
}

/** A card that says why there is nothing to see. */
export function emptyCard(title: string, why: string): Html {
  return html`<div class="card empty"><h3>${title}</h3><p>${why}</p></div>`;
}

/** Options that all charts share. */
export function base(size: Size, height: number): { width: number; height: number; style: { fontSize: string } } {
  return { width: size.width, height, style: { fontSize: size.name === 'small' ? '11px' : '12px' } };
}

interface ValueAxis {
  /** The top of the scale, which starts at 0; without it the scale follows the data. */
  readonly top?: number;
  readonly ticks?: number;
  readonly tickFormat?: (value: number) => string;
}

/** The vertical axis of amounts, with its unit as `label` above it. */
export function valueAxis(label: string, { top, ticks = 4, tickFormat = compact }: ValueAxis = {}): Plot.ScaleOptions {
  const domain = top === undefined ? {} : { domain: [0, top] };
  return { label, labelArrow: 'none', grid: true, tickSize: 0, ticks, tickFormat, ...domain, nice: true };
}

const WHOLE = { labelArrow: 'none', domain: [0, 1], ticks: 5, tickFormat: roundPercent } as const;

/** The horizontal axis of shares from none to all. */
export const shareAxisX = (label: string): Plot.ScaleOptions => ({ label, ...WHOLE, labelAnchor: 'center' });

/** The vertical axis of shares from none to all. */
export const shareAxisY = (label: string): Plot.ScaleOptions => ({ label, ...WHOLE, grid: true, tickSize: 0 });
