import { describe, expect, test } from 'vitest';
import { repr } from '../../../src/jinja/index.js';
import { type Case, load, outcome, parse, rendered, renderedAsync, renderedOnce, scope, wanted } from './judge.js';

const cases = load('cases.json');
const subjects = new Map<string, Case[]>();
for (const item of cases) subjects.set(item.subject ?? '', [...(subjects.get(item.subject ?? '') ?? []), item]);

test('there are at least 400 cases', () => {
  expect(cases.length).toBeGreaterThan(400);
});

describe.each([...subjects])('as jinja2 does: %s', (_subject, items) => {
  test.each(items.map((item) => [item.template, item] as const))('%j', async (_template, item) => {
    expect(rendered(item)).toBe(wanted(item));
    expect(renderedOnce(item)).toBe(wanted(item));
    expect(await renderedAsync(item)).toBe(wanted(item));
  });
});

test.each(load('native.json').map((item) => [item.template, item] as const))('native, as dbt does: %j', (_t, item) => {
  const result = outcome(() => repr(parse(item.template).renderNative(scope({}))));
  const once = outcome(() => repr(parse(item.template).renderNative(scope({}), { once: true })));
  expect(result).toBe(item.error === undefined ? `output: ${item.repr}` : `error: ${item.error}`);
  expect(once).toBe(result);
});

test('random templates render as with jinja2, compiled in both modes and interpreted', async () => {
  const items = load('random.json');
  expect(items.length).toBeGreaterThan(300);
  for (const item of items) {
    expect([item.template, rendered(item)]).toEqual([item.template, wanted(item)]);
    expect([item.template, renderedOnce(item)]).toEqual([item.template, wanted(item)]);
    expect([item.template, await renderedAsync(item)]).toEqual([item.template, wanted(item)]);
  }
});
