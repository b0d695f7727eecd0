import { base, type Drawing, emptyCard, FULL, figure } from '../drawing.js';
import { compact, count, decimal, percent, readable } from '../format.js';
import { type Html, html } from '../html.js';
import type { ReportInput } from '../report-input.js';

/** The most used features. */
export function features({ topFeatures: rows }: ReportInput, { plot, svg }: Drawing): Html {
  const first = rows[0];
  const card =
    first === undefined
      ? emptyCard('Top features', 'No feature has been used yet.')
      : figure({
          id: 'top-features',
          title: `Top ${rows.length} features`,
          note: 'By number of events, with the category each belongs to.',
          label: `Bar chart of the ${rows.length} most used features. First: ${readable(first.feature_used)} with ${count(first.events)} events, ${percent(first.event_share)} of all.`,
          sizes: FULL,
          columns: [
            { title: 'Feature' },
            { title: 'Category' },
            { title: 'Events', numeric: true },
            { title: 'Share', numeric: true },
            { title: 'Users', numeric: true },
            { title: 'Minutes a session', numeric: true },
          ],
          rows: rows.map((f) => [
            readable(f.feature_used),
            readable(f.category_used),
            count(f.events),
            percent(f.event_share),
            count(f.users),
            decimal(f.average_session_minutes),
          ]),
          draw: (size) => {
            const small = size.name === 'small';
            const left = small ? 4 : 160;
            return svg({
              ...base(size, 16 + rows.length * (small ? 42 : 28)),
              marginLeft: left,
              marginRight: small ? 62 : 150,
              marginTop: small ? 16 : 8,
              marginBottom: 8,
              x: { axis: null, domain: [0, Math.max(1, first.events)] },
              // Names may be equal in two categories, so the place is what orders them.
              y: { axis: null, domain: rows.map((_, i) => i), padding: small ? 0.62 : 0.3, paddingOuter: 0 },
              marks: [
                plot.barX(rows, {
                  className: 'bars',
                  x: 'events',
                  y: (_, i) => i,
                  fill: 'var(--accent)',
                  rx: 3,
                  title: (f) =>
                    `${readable(f.feature_used)} (${readable(f.category_used)})\n${count(f.events)} events, ${percent(f.event_share)}\n${count(f.users)} users`,
                }),
                plot.text(rows, {
                  x: 0,
                  y: (_, i) => i,
                  text: (f) => readable(f.feature_used),
                  textAnchor: small ? 'start' : 'end',
                  dx: small ? 1 : -10,
                  dy: small ? -15 : 0,
                  fill: 'var(--ink)',
                  textOverflow: 'ellipsis',
                  lineWidth: small ? 24 : 12,
                }),
                plot.text(rows, {
                  x: 'events',
                  y: (_, i) => i,
                  text: (f) => (small ? compact(f.events) : `${compact(f.events)} · ${readable(f.category_used)}`),
                  textAnchor: 'start',
                  dx: 6,
                  fill: 'var(--muted)',
                  textOverflow: 'ellipsis',
                  lineWidth: small ? 5 : 12,
                }),
              ],
            });
          },
        });
  return html`<section aria-labelledby="features"><h2 id="features">Features</h2>${card}</section>`;
}
