import { expect, it } from 'vitest';
import { planMarkdown } from '../../../src/cli/output/plan-markdown.js';
import { textWidth, wrapLine } from '../../../src/cli/output/width.js';
import type { PlannedNode } from '../../../src/plan/index.js';

const node = (name: string, more: Partial<PlannedNode> = {}): PlannedNode => ({
  ...{ id: `model.shop.${name}`, name, resource_type: 'model', materialized: 'table', relation: null },
  ...{ reasons: [{ kind: 'sql', names: [] }], columns: [], impact: 'values', breaks: [], notes: [] },
  ...more,
});
const plan = (build: readonly PlannedNode[]) => ({ target: 'dev', build, reuse: [], gone: [], exposures: [] });

it('keeps names and texts in their cells, whatever they are made of', () => {
  const odd = node('a|b', {
    columns: [{ name: 'c`|\nd', change: 'type', before: 'STRUCT("x|y" INTEGER)', after: 'MAP<A, B>' }],
    notes: ['the warehouse says: <script>alert(1)</script> | *no*'],
  });
  const row =
    planMarkdown(plan([odd]))
      .split('\n')
      .at(-1) ?? '';
  expect(row).toBe(
    '| `a\\|b` | SQL changed (same columns) | \\~ `` c`\\| d `` STRUCT("x\\|y" INTEGER), now MAP&lt;A, B\\><br>the warehouse says: &lt;script\\>alert(1)&lt;/script\\> \\| \\*no\\* |',
  );
});

it('stays below the length of a comment, however many nodes there are', () => {
  const name = 'a_name_that_is_rather_long_as_some_of_them_are_in_real_projects';
  const many = Array.from({ length: 3000 }, (_, i) => node(`${name}_${i}`));
  const following = many.map((one) => ({
    ...one,
    id: `${one.id}_b`,
    reasons: [{ kind: 'upstream' as const, names: [name] }],
  }));
  const text = planMarkdown(plan([...many, ...following]));
  expect(text.length).toBeLessThan(65_536);
  expect(text.match(/… 2850 more/g)).toHaveLength(2);
});

it('breaks lines between words, and further in where they go on', () => {
  const line = '  ~ mart  upstream changed: one, two, three';
  const lines = wrapLine(line, 24).split('\n');
  expect(lines).toEqual(['  ~ mart  upstream', '      changed: one, two,', '      three']);
  expect(lines.every((part) => textWidth(part) <= 24)).toBe(true);
  expect(wrapLine(line, 80)).toBe(line);
  // A word alone may be too long.
  expect(wrapLine('  averylongword next', 6)).toBe('  averylongword\n      next');
});
