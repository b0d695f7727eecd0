import { base, type Drawing, emptyCard, FULL, figure } from '../drawing.js';
import { count, percent, readable } from '../format.js';
import { type Html, html } from '../html.js';
import type { FunnelStep, ReportInput } from '../report-input.js';
import { retention } from './retention.js';

/** How far new users get, and how long they stay. */
export function newUsers(input: ReportInput, kit: Drawing): Html {
  return html`<section aria-labelledby="new-users"><h2 id="new-users">New users</h2>
${funnel(input.funnel, kit)}${retention(input, kit)}</section>`;
}

function funnel(steps: readonly FunnelStep[], { plot, svg }: Drawing): Html {
  const first = steps[0];
  const last = steps.at(-1);
  if (first === undefined || last === undefined || first.users === 0)
    return emptyCard('From the sign-up to a habit', 'Nobody has signed up at least 60 days ago since the first event.');
  const share = (step: FunnelStep): string => percent(step.share_of_signups ?? 0);
  const lost = (step: FunnelStep): string =>
    step.share_of_previous === null ? '' : `${percent(1 - step.share_of_previous)} lost`;
  return figure({
    id: 'funnel',
    title: 'From the sign-up to a habit',
    note: 'Users who took a step and all before it; sign-ups since the first event whose 60 days are over.',
    label: `Funnel of ${count(first.users)} sign-ups in ${steps.length} steps. Last step: ${readable(last.step_name)}, ${count(last.users)} users, ${share(last)}.`,
    sizes: FULL,
    columns: [
      { title: 'Step' },
      { title: 'Users', numeric: true },
      { title: 'Of sign-ups', numeric: true },
      { title: 'Of the step before', numeric: true },
    ],
    rows: steps.map((step) => [
      readable(step.step_name),
      count(step.users),
      share(step),
      step.share_of_previous === null ? '–' : percent(step.share_of_previous),
    ]),
    draw: (size) => {
      const small = size.name === 'small';
      return svg({
        ...base(size, 16 + steps.length * (small ? 50 : 36)),
        marginLeft: small ? 4 : 200,
        marginRight: small ? 88 : 170,
        marginTop: small ? 18 : 8,
        marginBottom: 8,
        x: { axis: null, domain: [0, first.users] },
        y: { axis: null, domain: steps.map((s) => s.step_name), padding: small ? 0.6 : 0.3, paddingOuter: 0 },
        marks: [
          plot.barX(steps, { x: () => first.users, y: 'step_name', fill: 'var(--line)', rx: 3 }),
          plot.barX(steps, {
            className: 'bars',
            x: 'users',
            y: 'step_name',
            fill: 'var(--accent)',
            rx: 3,
            title: (s) =>
              `${readable(s.step_name)}\n${count(s.users)} users, ${share(s)} of sign-ups\n${lost(s)}`.trim(),
          }),
          plot.text(steps, {
            x: 0,
            y: 'step_name',
            text: (s) => readable(s.step_name),
            textAnchor: small ? 'start' : 'end',
            dx: small ? 1 : -10,
            dy: small ? -19 : 0,
            fill: 'var(--ink)',
          }),
          plot.text(steps, {
            x: () => first.users,
            y: 'step_name',
            text: (s) =>
              small
                ? `${count(s.users)} · ${share(s)}`
                : `${count(s.users)} · ${share(s)}${s.share_of_previous === null ? '' : ` · ${lost(s)}`}`,
            textAnchor: 'start',
            dx: 6,
            fill: 'var(--muted)',
          }),
        ],
      });
    },
  });
}
