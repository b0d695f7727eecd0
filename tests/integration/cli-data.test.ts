import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { compileBin, startUpsql, upsql, upsqlOnTerminal } from '../unit/cli/compiled-bin.js';

beforeAll(compileBin);

const scratch = (): string => mkdtempSync(join(tmpdir(), 'upsql-data-'));

describe('simulate', () => {
  it('writes the files and says what and how fast', () => {
    const cwd = scratch();
    const { code, stdout } = upsql(cwd, [
      'simulate',
      '--users',
      '50',
      '--events',
      '2000',
      '--days',
      '30',
      '--out',
      'raw',
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/raw\/events\.jsonl/);
    expect(stdout).toMatch(
      /2,000 events of 50 users, 2025-12-02 to 2025-12-31: \d+\.\d MB in \d+\.\d\ds \([\d,]+ events a second\)/,
    );
    expect(readdirSync(join(cwd, 'raw')).sort()).toEqual([
      'events.jsonl',
      'plan_changes.jsonl',
      'truth.jsonl',
      'users.jsonl',
    ]);
    const lines = readFileSync(join(cwd, 'raw/events.jsonl'), 'utf8').trimEnd().split('\n');
    // What it says of the events is what is in the file.
    expect(stdout).toMatch(new RegExp(`events\\.jsonl +${lines.length.toLocaleString('en-US')} rows +0\\.\\d MB`));
    const payments = lines.filter((line) => line.includes('"category_used":"payments"') && line.endsWith('}')).length;
    const said = Number(/payments ([\d,]+)/.exec(stdout)?.[1]?.replaceAll(',', ''));
    expect(said).toBeGreaterThan(0);
    expect(said).toBeLessThanOrEqual(payments);
  });

  it('shows a bar on a terminal', () => {
    const { stdout } = upsqlOnTerminal(scratch(), ['simulate', '--users', '500', '--events', '300000']);
    expect(stdout).toMatch(/events {2}.*[━─╺]+.*%/);
    expect(stdout.lastIndexOf('\u001b[?25h')).toBeGreaterThan(stdout.lastIndexOf('\u001b[?25l'));
  });

  it('refuses what makes no sense, and leaves no files when it is interrupted', async () => {
    const wrong = upsql(scratch(), ['simulate', '--events', '-3', '--format', 'parquet']);
    expect(wrong.code).toBe(2);
    expect(wrong.stdout).toContain('--events is -3');
    const cwd = scratch();
    const child = startUpsql(cwd, ['simulate', '--events', '50000000']);
    const ended = new Promise((done) => child.on('exit', done));
    const raw = join(cwd, 'data/raw');
    const files = (): number => (existsSync(raw) ? readdirSync(raw).length : 0);
    await vi.waitFor(() => expect(files()).toBeGreaterThan(0), { timeout: 50_000 });
    child.kill('SIGINT');
    expect(await ended).toBe(2);
    expect(readdirSync(raw)).toEqual([]);
  });
});

describe('tables of a built project', () => {
  let root = '';
  beforeAll(() => {
    const cwd = scratch();
    upsql(cwd, ['init', 'shop']);
    root = join(cwd, 'shop');
    const file = join(root, 'models/models.yml');
    const named = 'description: Paid orders by day.\n    config: {meta: {export: revenue.csv}}';
    writeFileSync(file, readFileSync(file, 'utf8').replace('description: Paid orders by day.', named));
    expect(upsql(root, ['build', '-q']).stdout).toBe('');
  });

  it('are exported under the names of their config, or when selected', () => {
    const all = upsql(root, ['export']);
    expect(all.code).toBe(0);
    expect(all.stdout).toContain('Wrote exports/revenue.csv (3 rows of daily_revenue)');
    expect(readFileSync(join(root, 'exports/revenue.csv'), 'utf8')).toBe(
      'order_date,orders,customers,revenue\n2026-01-05,2,2,37.50\n2026-01-06,1,1,99.90\n2026-01-07,1,1,7.25\n',
    );
    expect(upsql(root, ['export', '-s', 'stg_orders', '--format', 'parquet', '--out', 'elsewhere']).code).toBe(0);
    expect(existsSync(join(root, 'elsewhere/stg_orders.parquet'))).toBe(true);
  });

  it('that are not built are an error with a hint', () => {
    writeFileSync(join(root, 'models/marts/unbuilt.sql'), 'select 1 as id');
    const { code, stdout } = upsql(root, ['export', '-s', 'unbuilt']);
    expect(code).toBe(1);
    expect(stdout).toContain('hint: Build it first: upsql build --select unbuilt');
    expect(readdirSync(join(root, 'exports'))).toEqual(['revenue.csv']);
  });

  it('become TypeScript types, which --check compares', () => {
    expect(upsql(root, ['generate', 'types', '--check']).code).toBe(1);
    expect(upsql(root, ['generate', 'types']).stdout).toContain('Wrote types/warehouse.ts (3 tables)');
    const types = readFileSync(join(root, 'types/warehouse.ts'), 'utf8');
    expect(types).toContain('  revenue: number;\n');
    expect(types).toMatch(/export interface Database \{\n {2}daily_revenue: DailyRevenue;\n/);
    expect(upsql(root, ['generate', 'types', '--check']).code).toBe(0);
  });

  it('are not what the report is made of', () => {
    const { code, stdout } = upsql(root, ['report']);
    expect(code).toBe(2);
    expect(stdout).toContain('error[nothing-to-report]');
  });
});
