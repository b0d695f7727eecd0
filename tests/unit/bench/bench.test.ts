import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { measure, median, mediansOf, runOnce } from '../../../bench/measure.mjs';
import { layerSizes, syntheticProject, writeSyntheticProject } from '../../../bench/synthetic.mjs';
import { END, ratioText, START, secondsText, splice, tableOf } from '../../../bench/table.mjs';
import { createAdapter } from '../../../src/adapters/index.js';
import { builtinMacroFiles } from '../../../src/macros/index.js';
import { parseProject } from '../../../src/parse/index.js';
import { loadProject } from '../../../src/project/index.js';

describe('the synthetic project', () => {
  it('is the same for the same size, and another for another', () => {
    const once = [...syntheticProject(60)];
    expect([...syntheticProject(60)]).toEqual(once);
    expect([...syntheticProject(61)]).not.toEqual(once);
    expect(new Set(once.map(([path]) => path)).size).toBe(once.length);
  });

  it.each([10, 100, 1000])('has %i models: staging, intermediate and marts', (models) => {
    const names = [...syntheticProject(models)].map(([path]) => path).filter((path) => /^models\/.*\.sql$/.test(path));
    const { staging, intermediate, marts } = layerSizes(models);
    expect(names).toHaveLength(models);
    expect(staging + intermediate + marts).toBe(models);
    expect(names.filter((name) => name.startsWith('models/staging/'))).toHaveLength(staging);
    expect(names.filter((name) => name.startsWith('models/marts/'))).toHaveLength(marts);
  });

  it('parses: each model has a config, a loop, a macro, a description, refs and two tests', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'upsql-bench-'));
    writeSyntheticProject(folder, 40);
    const project = await loadProject({ projectDir: folder, profilesDir: folder, env: {} });
    const adapter = await createAdapter(project);
    const invocation = { id: 'x', startedAt: new Date(0), args: {} };
    const builtinMacros = builtinMacroFiles(adapter.type);
    const { manifest, diagnostics } = await parseProject(project, { adapter, invocation, builtinMacros });
    expect(diagnostics).toEqual([]);
    const nodes = Object.values(manifest.nodes);
    const models = nodes.filter((node) => node.resource_type === 'model');
    expect(models).toHaveLength(40);
    for (const model of models) {
      expect(model.description).not.toBe('');
      expect(model.raw_code).toMatch(/\{\{ config\(/);
      expect(model.raw_code).toMatch(/\{%- for /);
      expect(model.depends_on.macros).toContain('macro.synthetic.euros');
      expect(model.depends_on.nodes.length).toBeGreaterThan(0);
      expect(model.depends_on.nodes.length).toBeLessThan(5);
      expect(nodes.filter((node) => node.attached_node === model.unique_id)).toHaveLength(2);
    }
  });
});

describe('measuring', () => {
  it('takes the middle value, and the mean of the two in the middle', () => {
    expect(median([9, 1, 4])).toBe(4);
    expect(median([9, 1, 4, 2])).toBe(3);
  });

  it('gives null for what one run lacks', () => {
    const run = { seconds: 1, cpu: 2, megabytes: 3 };
    expect(mediansOf([run, { ...run, seconds: 2 }, { seconds: 3, cpu: null, megabytes: 5 }])).toEqual({
      seconds: 2,
      cpu: null,
      megabytes: 3,
      runs: 3,
    });
  });

  it('prepares before every run, the warm-up too, and counts only the others', () => {
    let prepared = 0;
    const prepare = () => {
      prepared += 1;
    };
    const found = measure([process.execPath, '-e', '0'], { runs: 2, warmUps: 1, prepare });
    expect(found.runs).toBe(2);
    expect(prepared).toBe(3);
  });

  it('tells what a failing command said', () => {
    const failing = [process.execPath, '-e', 'console.error("no such table"); process.exit(3)'];
    expect(() => runOnce(failing, {})).toThrow('no such table');
  });
});

describe('the table', () => {
  it('has a row a case, with ratios, and dashes for what was not measured', () => {
    const ours = { seconds: 0.5, cpu: 0.71, megabytes: 120.4 };
    const table = tableOf([
      { what: 'parse', ours, dbt: { seconds: 36, megabytes: 200 }, floor: { seconds: 0.05, megabytes: null } },
      { what: 'simulate', ours },
    ]);
    expect(table.split('\n').slice(2)).toEqual([
      '| parse | 0.50 s | 36.0 s | 72× | 50 ms | 10× | 0.71 s | – | 120 MB | 200 MB |',
      '| simulate | 0.50 s | – | – | – | – | 0.71 s | – | 120 MB | – |',
    ]);
  });

  it('prints times and ratios with the digits that count', () => {
    expect([0.0123, 0.5, 9.999, 61.04].map(secondsText)).toEqual(['12 ms', '0.50 s', '10.00 s', '61.0 s']);
    expect([ratioText(2, 3), ratioText(1, 25), ratioText(undefined, 3)]).toEqual(['1.5×', '25×', '–']);
  });

  it('goes between the markers and nowhere else', () => {
    const text = `# Title\n${START}\nold\n${END}\nrest\n`;
    expect(splice(text, 'new')).toBe(`# Title\n${START}\nnew\n${END}\nrest\n`);
    expect(splice(splice(text, 'new') ?? '', 'old')).toBe(text);
    expect(splice('no markers', 'new')).toBeUndefined();
    expect(() => splice(`${END} ${START}`, 'new')).toThrow(START);
  });
});
