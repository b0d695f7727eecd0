import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { renderReport } from '../../src/site/index.js';
import { exampleReport } from '../unit/site/report-example.js';

const candidates = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = candidates.find((path): path is string => path !== undefined && existsSync(path));
const title =
  executablePath === undefined
    ? 'the report in a browser (skipped: no Chromium found; set CHROMIUM_PATH)'
    : 'the report in a browser';

describe.skipIf(executablePath === undefined)(title, () => {
  let browser: Browser;
  let folder: string;
  let address: string;
  const pages: Page[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'upsql-report-'));
    const example = exampleReport();
    const long = 'a_feature_with_a_name_that_nobody_would_think_of_and_that_has_no_place_to_break'.repeat(2);
    const input = {
      ...example,
      title: 'UserPulse <script>document.title = "broken in"</script>',
      topFeatures: [...example.topFeatures, { ...example.topFeatures[0], feature_used: long, category_used: long }],
      segments: example.segments.map((s, i) => (i === 0 ? { ...s, segment: long } : s)),
    } as typeof example;
    const file = join(folder, 'report.html');
    await writeFile(file, await renderReport(input));
    address = pathToFileURL(file).href;
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function visit(
    width: number,
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<{ page: Page; noise: string[] }> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    pages.push(page);
    const noise: string[] = [];
    page.on('console', (message) => noise.push(message.text()));
    page.on('pageerror', (error) => noise.push(String(error)));
    page.on('request', (request) => {
      if (request.url() !== address && !request.url().startsWith('data:')) noise.push(`request ${request.url()}`);
    });
    await page.goto(address);
    return { page, noise };
  }

  it.each([320, 380, 560, 760, 980, 1280, 1900])('fits a page %i pixels wide, silently', async (width) => {
    const { page, noise } = await visit(width);
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    expect(await page.title()).toContain('UserPulse <script>');
    // Of the drawings of a chart exactly one is shown.
    const shown = await page.evaluate(
      `[...document.querySelectorAll('.chart')].map((c) => [...c.children].filter((d) => d.getClientRects().length > 0).length)`,
    );
    expect(shown).toEqual(Array(12).fill(1));
    // Nothing is drawn beyond the card it stands in.
    const outside = await page.evaluate(`[...document.querySelectorAll('.chart svg text')].filter((t) => {
      const box = t.getBoundingClientRect(), card = t.closest('.card').getBoundingClientRect();
      return box.width > 0 && (box.left < card.left - 1 || box.right > card.right + 1);
    }).map((t) => t.textContent)`);
    expect(outside).toEqual([]);
    expect(noise).toEqual([]);
  });

  it('shows a tooltip at the pointer and hides it again', async () => {
    const { page, noise } = await visit(1280);
    const tip = page.locator('#tip');
    expect(await tip.isVisible()).toBe(false);
    await page.locator('figure[aria-labelledby=dau-title] .large .hit rect').nth(60).hover();
    expect(await tip.isVisible()).toBe(true);
    expect(await tip.textContent()).toMatch(/^2 Nov 2025\n\d+ active users\n\d+ in the 7-day mean$/);
    const box = await tip.boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(1280);
    await page.keyboard.press('Escape');
    expect(await tip.isVisible()).toBe(false);
    await page.locator('figure[aria-labelledby=cohorts-title] .large .cells rect').first().hover();
    expect(await tip.textContent()).toContain('Oct 2025 cohort, month 0');
    await page.locator('h1').hover();
    expect(await tip.isVisible()).toBe(false);
    expect(noise).toEqual([]);
  });

  it('shows the tooltips along the marks with the keyboard', async () => {
    const { page, noise } = await visit(1280);
    const tip = page.locator('#tip');
    await page.locator('figure[aria-labelledby=dau-title] .chart').focus();
    await page.keyboard.press('ArrowLeft');
    expect(await tip.textContent()).toMatch(/^31 Dec 2025\n/);
    await page.keyboard.press('ArrowLeft');
    expect(await tip.textContent()).toMatch(/^30 Dec 2025\n/);
    await page.keyboard.press('Home');
    expect(await tip.textContent()).toMatch(/^3 Sep 2025\n/);
    expect(await tip.isVisible()).toBe(true);
    await page.keyboard.press('Tab');
    expect(await tip.isVisible()).toBe(false);
    await page.locator('figure[aria-labelledby=plan-movements-title] .chart').focus();
    await page.keyboard.press('End');
    expect(await tip.textContent()).toMatch(/^Dec 2025\nNew \+300 \(40\)\nCancellation −350 \(50\)\nTogether −50$/);
    expect(noise).toEqual([]);
  });

  it('is readable in both colour schemes', async () => {
    for (const scheme of ['light', 'dark'] as const) {
      const { page } = await visit(1280, scheme);
      const low = await page.evaluate(CONTRAST);
      expect(low, scheme).toEqual([]);
    }
  });

  it('opens its tables from the keyboard', async () => {
    const { page } = await visit(1280);
    const details = page.locator('figure[aria-labelledby=dau-title] details');
    await details.locator('summary').focus();
    await page.keyboard.press('Enter');
    expect(await details.locator('tbody tr').first().isVisible()).toBe(true);
  });

  it('prints without tables to unfold, on no more pages than it needs', async () => {
    const { page } = await visit(1280);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('details').first().isVisible()).toBe(false);
    const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
    const count = pdf.match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(9);
  });
});

/** Texts whose contrast to what is behind them is below WCAG's 4.5 to 1 (3 to 1 for large letters). */
const CONTRAST = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const light = ([r, g, b]) => { const f = (v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
  const behind = (element) => element === null ? [255, 255, 255, 1] : over(rgb(getComputedStyle(element).backgroundColor), behind(element.parentElement));
  const cells = [...document.querySelectorAll('.cells rect')].map((r) => ({ box: r.getBoundingClientRect(), style: getComputedStyle(r) }));
  const low = [];
  for (const element of document.querySelectorAll('body *')) {
    if (element.closest('.hidden, script, style, title') || element.getClientRects().length === 0) continue;
    if (![...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
    const style = getComputedStyle(element);
    const svg = element.closest('svg');
    let back = behind(svg ? svg.parentElement : element);
    const box = element.getBoundingClientRect();
    if (svg) for (const cell of cells) {
      const inside = cell.box.left <= box.left && cell.box.right >= box.right && cell.box.top <= box.top && cell.box.bottom >= box.bottom;
      if (inside) { const [r, g, b] = rgb(cell.style.fill); back = over([r, g, b, Number(cell.style.fillOpacity)], back); }
    }
    const [a, b] = [light(over(rgb(svg ? style.fill : style.color), back)), light(back)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) low.push(element.textContent.trim().slice(0, 40) + ' ' + ratio.toFixed(2));
  }
  return low;
})()`;
