/** The picture of lineage: one HTML page with an SVG in it, which needs nothing else. */

import type { Manifest } from '../parse/node.js';
import { html, trusted } from '../site/html.js';
import { type ColumnId, columnKey, type LineageKind } from './column.js';
import { type Box, HEAD, type Layout, type Line, layOut, ROW } from './layout.js';
import { type ColumnEdge, type Lineage, relationLabel } from './walk.js';

export interface PictureOptions {
  readonly title: string;
  readonly edges: readonly ColumnEdge[];
  /** Columns that stand in the picture also without an edge; the first is the one that was asked for. */
  readonly columns: readonly ColumnId[];
  readonly asked: ColumnId | null;
  readonly lineage: Lineage;
  readonly manifest: Manifest;
}

const KINDS: Readonly<Record<LineageKind, string>> = {
  passthrough: 'passed on',
  renamed: 'renamed',
  transformed: 'changed',
  aggregated: 'summed up',
  generated: 'from no column',
};

const STYLE = `
:root{color-scheme:light dark;--page:#f6f6f3;--card:#fff;--ink:#1b1f24;--muted:#5b626b;--line:#d9d9d2;--head:#eef1f6;
--passthrough:#6b737d;--renamed:#2b5bd7;--transformed:#b45309;--aggregated:#0d7a6f;--generated:#8a8f98;--asked:#dfe8ff}
@media (prefers-color-scheme:dark){:root{--page:#111417;--card:#1a1e23;--ink:#e8eaed;--muted:#a3abb5;--line:#333a42;
--head:#232931;--passthrough:#9aa3ad;--renamed:#7ea6ff;--transformed:#ffb054;--aggregated:#4fc7b8;--generated:#6b737d;--asked:#27406f}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
header{padding:24px 24px 0}h1{font-size:22px;margin:0;overflow-wrap:anywhere}
.legend{color:var(--muted);font-size:13px;margin:6px 0 0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:2px 18px}
.legend span{display:inline-block;width:22px;border-top:2px solid;vertical-align:middle;margin-right:6px}
.scroll{overflow:auto;padding:24px}
svg{display:block;font:12.5px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.box{fill:var(--card);stroke:var(--line)}.head{fill:var(--head)}
text{fill:var(--ink)}.title{font-weight:600}
.row{fill:transparent}.asked .row{fill:var(--asked)}
.line{fill:none;stroke-width:1.6;opacity:.75}
.unknown text{fill:var(--transformed)}
svg.focus .line,svg.focus .column{opacity:.13}svg.focus .line.on{opacity:1;stroke-width:2.2}svg.focus .column.on{opacity:1}
.column{cursor:default;outline:none}.column:focus-visible .row{stroke:var(--renamed)}
`;

/** Marks what is connected with the column under the pointer or focus, in both directions. */
const SCRIPT = `
const svg=document.querySelector('svg'),lines=[...svg.querySelectorAll('.line')],rows=new Map([...svg.querySelectorAll('.column')].map(g=>[g.dataset.key,g]));
const follow=(start,near,far,on)=>{const queue=[start],seen=new Set(queue);for(const at of queue){rows.get(at)?.classList.add('on');for(const line of lines)if(line.dataset[near]===at){line.classList.add('on');const next=line.dataset[far];if(!seen.has(next)){seen.add(next);queue.push(next)}}}};
const clear=()=>{svg.classList.remove('focus');for(const e of svg.querySelectorAll('.on'))e.classList.remove('on')};
for(const [key,row] of rows){const show=()=>{clear();svg.classList.add('focus');follow(key,'to','from');follow(key,'from','to')};
row.addEventListener('mouseenter',show);row.addEventListener('focus',show);row.addEventListener('mouseleave',clear);row.addEventListener('blur',clear)}
`;

/** One page that shows how columns come from each other, left to right. */
export function lineagePage(options: PictureOptions): string {
  const { title, edges, columns, manifest } = options;
  const layout = layOut(edges, columns, (relation) => relationLabel(manifest, relation));
  const shown = (Object.keys(KINDS) as LineageKind[]).filter((kind) => edges.some((edge) => edge.kind === kind));
  const legend = shown.map((kind) => html`<li><span style="border-color:var(--${kind})"></span>${KINDS[kind]}</li>`);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title}</title><style>${trusted(STYLE)}</style></head><body>
<header><h1>${title}</h1><ul class="legend">${legend}</ul></header>
<div class="scroll">${drawing(layout, options)}</div>
<script>${trusted(SCRIPT)}</script></body></html>
`;
  return page.markup;
}

function drawing({ boxes, lines, width, height }: Layout, options: PictureOptions) {
  return html`<svg width="${width + 2}" height="${height + 2}" viewBox="-1 -1 ${width + 2} ${height + 2}" role="img" aria-label="${options.title}">
${lines.map(drawLine)}${boxes.map((box) => drawBox(box, options))}</svg>`;
}

function drawLine({ edge, x1, y1, x2, y2 }: Line) {
  const bend = Math.max(40, Math.abs(x2 - x1) / 2);
  const path = `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
  return html`<path class="line" d="${path}" style="stroke:var(--${edge.kind})" data-from="${keyOf(edge.from)}" data-to="${keyOf(edge.to)}"/>
`;
}

const keyOf = (id: ColumnId): string => columnKey(id).replace('\n', ' ');

function drawBox(box: Box, { lineage, asked }: PictureOptions) {
  const { relation, label, x, y, width, height, columns } = box;
  const known = lineage.get(relation)?.columns ?? [];
  const rows = columns.map((column, i) => {
    const top = y + HEAD + i * ROW;
    const found = known.find(({ name }) => name.toLowerCase() === column.toLowerCase());
    const classes = ['column'];
    if (found?.unknown !== undefined) classes.push('unknown');
    if (asked !== null && columnKey(asked) === columnKey({ relation, column })) classes.push('asked');
    const why = found?.unknown === undefined ? '' : `: some sources are not known, ${found.unknown}`;
    return html`<g class="${classes.join(' ')}" data-key="${keyOf({ relation, column })}" tabindex="0"><title>${label}.${column}${why}</title><rect class="row" x="${x + 1}" y="${top}" width="${width - 2}" height="${ROW}"/><text x="${x + 12}" y="${top + 15}">${column}${found?.unknown === undefined ? '' : ' ?'}</text></g>
`;
  });
  return html`<g><rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="7"/><path class="head" d="M${x + 0.5} ${y + HEAD - 2}v-${HEAD - 9}a6.5 6.5 0 0 1 6.5 -6.5h${width - 14}a6.5 6.5 0 0 1 6.5 6.5v${HEAD - 9}z"/><text class="title" x="${x + 12}" y="${y + 19}">${label}</text>${rows}</g>
`;
}
