import { createHash } from 'node:crypto';
import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { buildStatus, type ReportInput, renderReport } from '../../../src/site/index.js';
import { EMPTY_REPORT, exampleReport } from './report-example.js';

async function page(input: ReportInput) {
  const markup = await renderReport(input);
  return { markup, document: parseHTML(markup).document };
}

const texts = (nodes: Iterable<{ textContent: string | null }>): string[] =>
  [...nodes].map((n) => (n.textContent ?? '').replace(/\s+/g, ' ').trim());

describe('the report page', () => {
  it('has one heading of each section, in order, and links to them', async () => {
    const { document } = await page(exampleReport());
    expect(texts(document.querySelectorAll('h1'))).toEqual(['UserPulse']);
    expect(texts(document.querySelectorAll('section[aria-labelledby] > h2'))).toEqual([
      'Activity',
      'Churn outlook',
      'Segments',
      'Features',
      'New users',
      'Plans',
      'Data quality',
    ]);
    for (const link of document.querySelectorAll('nav a')) {
      expect(document.querySelectorAll(`${link.getAttribute('href')}`)).toHaveLength(1);
    }
    const ids = [...document.querySelectorAll('[id]')].map((e) => e.getAttribute('id'));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('shows the key figures with their change', async () => {
    const days = exampleReport().stickiness.map((d, i) => ({ ...d, dau: i < 113 ? 100 : 110 }));
    const { document } = await page(exampleReport({ stickiness: days }));
    const tiles = texts(document.querySelectorAll('.tile'));
    expect(tiles).toHaveLength(5);
    expect(tiles[0]).toMatch(/^Daily active users110 .*▲ 10\.0% more than the 7 days before/);
    expect(tiles[3]).toMatch(/^Stickiness16\.7% /);
    expect(tiles[4]).toMatch(/^Likely to leave125 12\.5% of the 1,000 users seen in the last 30 days/);
  });

  it('gives every chart a description and its data as a table', async () => {
    const { document } = await page(exampleReport());
    const figures = [...document.querySelectorAll('figure')];
    expect(figures).toHaveLength(12);
    for (const figure of figures) {
      const chart = figure.querySelector('[role=img]');
      expect(chart?.getAttribute('aria-label')).toMatch(/\d/);
      expect(chart?.querySelectorAll('svg')).toHaveLength(3);
      for (const svg of chart?.querySelectorAll('svg') ?? []) expect(svg.getAttribute('aria-hidden')).toBe('true');
      expect(figure.querySelectorAll('details table tbody tr').length).toBeGreaterThan(0);
      expect(document.querySelectorAll(`#${figure.getAttribute('aria-labelledby')}`)).toHaveLength(1);
    }
    for (const cell of document.querySelectorAll('thead th')) expect(cell.getAttribute('scope')).toBe('col');
  });

  it('has the figures of the input in its tables and titles', async () => {
    const input = exampleReport();
    const { document } = await page(input);
    const dau = document.querySelector('figure[aria-labelledby=dau-title]');
    const rows = [...(dau?.querySelectorAll('tbody tr') ?? [])];
    const mean = input.daily.slice(-7).reduce((sum, d) => sum + d.dau, 0) / 7;
    expect(rows).toHaveLength(120);
    expect(texts(rows[0]?.querySelectorAll('th,td') ?? [])).toEqual([
      '2025-12-31',
      String(input.daily.at(-1)?.dau),
      mean.toFixed(0),
    ]);
    const hits = [...(dau?.querySelectorAll('.large .hit title') ?? [])];
    expect(hits).toHaveLength(120);
    expect(hits[0]?.textContent).toBe('3 Sep 2025\n100 active users');
    const features = document.querySelector('figure[aria-labelledby=top-features-title]');
    expect(texts(features?.querySelectorAll('tbody tr:first-child > *') ?? [])).toEqual([
      'Pay bill',
      'Payments',
      '3,000',
      '10.0%',
      '500',
      '33.4',
    ]);
  });

  it('marks weeks that the data cuts off, at both ends', async () => {
    const { document } = await page(exampleReport());
    const weeks = document.querySelectorAll('figure[aria-labelledby=wau-title] tbody tr');
    const partial = texts(weeks).filter((row) => row.includes('(partial)'));
    expect(partial).toEqual(['2026-W012025-12-29417 (partial)', '2025-W362025-09-01400 (partial)']);
  });

  it('leaves out the days on which the 30-day window is not full', async () => {
    const { document } = await page(exampleReport());
    expect(document.querySelectorAll('figure[aria-labelledby=stickiness-title] tbody tr')).toHaveLength(91);
  });

  it('marks the running month of the cohorts only while it runs', async () => {
    const whole = await page(exampleReport());
    expect(whole.markup).not.toContain('not over');
    const running = await page(exampleReport({ asOf: '2025-12-30' }));
    const rows = texts(running.document.querySelectorAll('figure[aria-labelledby=cohorts-title] tbody tr'));
    expect(rows.filter((row) => row.includes('(partial)'))).toHaveLength(3);
  });

  it('escapes everything that comes from the data', async () => {
    const evil = `<script>alert('x')</script><img src=x onerror="alert(1)">&amp;"'\`{{ }}`;
    const example = exampleReport();
    const { markup, document } = await page({
      ...example,
      title: evil,
      segments: example.segments.map((s) => ({ ...s, segment: `${evil}${s.segment}` })),
      churn: { ...example.churn, byPlan: [{ plan: evil, users: 1, predicted: 1 }] },
      topFeatures: example.topFeatures.map((f) => ({ ...f, feature_used: evil, category_used: evil })),
      load: [{ outcome: evil, reason: evil, records: 1 }],
    });
    expect(markup).not.toMatch(/<img/i);
    expect(markup.match(/<script/gi)).toHaveLength(1);
    expect(document.querySelectorAll('img')).toHaveLength(0);
    for (const element of document.querySelectorAll('*')) {
      for (const name of element.getAttributeNames()) expect(name).not.toMatch(/^on/i);
    }
    expect(document.querySelector('h1')?.textContent).toBe(evil);
  });

  it('asks for nothing from elsewhere, and allows only its own script', async () => {
    const { markup, document } = await page(exampleReport());
    const policy = document.querySelector('meta[http-equiv=Content-Security-Policy]')?.getAttribute('content') ?? '';
    expect(policy).toContain("default-src 'none'");
    const script = /<script>([\s\S]*?)<\/script>/.exec(markup)?.[1] ?? '';
    expect(policy).toContain(`'sha256-${createHash('sha256').update(script).digest('base64')}'`);
    // A hash may have slashes of its own.
    const addresses = markup.replace(/'?sha256-[\w+/=]+/, '').match(/(?:https?:)?\/\/[\w.-]+/g) ?? [];
    expect(addresses.filter((a) => a !== 'http://www.w3.org')).toEqual([]);
    expect(markup).not.toMatch(/@import|url\(/);
  });

  it('draws the same page for the same input', async () => {
    expect(await renderReport(exampleReport())).toBe(await renderReport(exampleReport()));
  });

  it('says so when there is nothing', async () => {
    const { document } = await page(EMPTY_REPORT);
    expect(document.querySelector('main')?.textContent).toContain('Nothing to show yet');
    expect(document.querySelectorAll('svg')).toHaveLength(0);
  });

  it('says for each section that has no data why', async () => {
    const { daily, totals, asOf } = exampleReport();
    const { document } = await page({ ...EMPTY_REPORT, daily, totals, asOf });
    expect(texts(document.querySelectorAll('.card.empty'))).toEqual([
      'Weekly active usersThere are no events yet.',
      'StickinessIt can be told from day 30 of the data on.',
      'Churn probabilityNo user has a churn score yet.',
      'User segmentsNo user has a segment yet.',
      'Top featuresNo feature has been used yet.',
      'From the sign-up to a habitNobody has signed up at least 60 days ago since the first event.',
      'Retention by sign-up monthNo cohort has been seen yet.',
      'Monthly recurring revenueNo plan that costs something has been taken yet.',
    ]);
    expect(document.querySelectorAll('figure')).toHaveLength(1);
  });

  it('shows what moved the revenue, and where new users stop', async () => {
    const { document } = await page(exampleReport());
    const rows = (id: string) => [...document.querySelectorAll(`figure[aria-labelledby=${id}-title] tbody tr`)];
    expect(texts(rows('mrr')[0]?.children ?? [])).toEqual(['Dec 2025', '2,250', '−50']);
    expect(texts(rows('plan-movements')[0]?.children ?? [])).toEqual(['Dec 2025', '+300', '+0', '−350']);
    expect(texts(rows('funnel')[2]?.children ?? [])).toEqual(['Three features in 30 days', '320', '32.0%', '50.0%']);
    expect(texts(rows('gain')[1]?.children ?? [])).toEqual(['Tenth 2', '48.0%', '1.00×', '90.0%']);
  });

  it('says whether the last run and its tests went well, and what did not', async () => {
    const results = (...statuses: [string, string][]) =>
      JSON.stringify({
        metadata: { generated_at: '2026-01-01T06:30:12.123Z' },
        args: { which: 'build' },
        results: statuses.map(([unique_id, status]) => ({ unique_id, status })),
      });
    const good = buildStatus(
      results(
        ['model.shop.a', 'success'],
        ['test.shop.not_null_a.0123456789', 'pass'],
        ['unit_test.shop.a.one', 'pass'],
      ),
      JSON.stringify({
        results: [{ unique_id: 'source.shop.raw.raw_events', status: 'warn', max_loaded_at_time_ago_in_s: 54_000 }],
      }),
    );
    const first = await page(exampleReport({ build: good }));
    expect(texts(first.document.querySelectorAll('header .badge'))).toEqual(['All 2 tests passed']);
    const text = first.document.querySelector('section[aria-labelledby=load]')?.textContent?.replace(/\s+/g, ' ') ?? '';
    expect(text).toContain('upsql build, ended 1 Jan 2026, 06:30 UTC.');
    expect(text).toContain('Raw eventsWarn15.0');

    const bad = buildStatus(
      results(
        ['model.shop.a', 'success'],
        ['test.shop.accepted_values_b.0123456789', 'warn'],
        ['test.shop.unique_a.0123456789', 'fail'],
        ['model.shop.b', 'skipped'],
      ),
      undefined,
    );
    const second = await page(exampleReport({ build: bad }));
    expect(texts(second.document.querySelectorAll('header .badge.bad'))).toEqual(['1 failed in the last run']);
    expect(texts(second.document.querySelectorAll('.troubles li'))).toEqual([
      'fail unique_a',
      'warn accepted_values_b',
    ]);
    expect(buildStatus(undefined, undefined)).toBeUndefined();
    expect(buildStatus('{"results": 3}', undefined)).toBeUndefined();
    expect(buildStatus('{cut off', undefined)).toBeUndefined();
  });

  it('copes with a single day and zeros', async () => {
    const example = exampleReport();
    const day = { date: '2025-12-31', dau: 0 };
    const { markup } = await page({
      ...example,
      daily: [day],
      weekly: [{ year: 2026, week: 1, week_start_date: '2025-12-29', wau: 0 }],
      stickiness: [{ ...day, wau_7d: 0, mau_30d: 0, stickiness: null }],
      segments: example.segments.map((s) => ({ ...s, total_events: 0, churn_probability: null })),
      churn: { ...example.churn, recent: { scored: 0, predicted: 0, mean: null }, histogram: [], byPlan: [] },
    });
    expect(markup).not.toMatch(/NaN|Infinity|undefined/);
  });
});
