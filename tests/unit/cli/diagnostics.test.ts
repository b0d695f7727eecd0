import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../../src/cli/output/diagnostics.js';
import { createStyle } from '../../../src/cli/output/style.js';
import { problem } from '../../../src/diagnostics/index.js';

const style = createStyle(false);
const root = mkdtempSync(join(tmpdir(), 'upsql-diagnostics-'));
writeFileSync(join(root, 'a.sql'), "select *\nfrom {{ ref('stg_oders') }}\nwhere 1\n");

describe('formatDiagnostic', () => {
  it('shows code, place from the current folder, excerpt, frames and hint', () => {
    const diagnostic = problem('unknown-ref', "model 'a' refers to 'stg_oders', which is not there", {
      place: { file: join(root, 'a.sql'), line: 2, column: 14, length: 9 },
      hint: "Did you mean 'stg_orders'?",
      frames: [{ name: 'macro cents', place: { file: join(root, 'macros/m.sql'), line: 3, column: 1 } }],
    });
    expect(formatDiagnostic(diagnostic, { style, cwd: root })).toBe(
      `error[unknown-ref]: model 'a' refers to 'stg_oders', which is not there
  --> a.sql:2:14
  1 | select *
> 2 | from {{ ref('stg_oders') }}
    |              ^^^^^^^^^
  3 | where 1
  in macro cents (macros/m.sql:3:1)
  hint: Did you mean 'stg_orders'?`,
    );
  });

  it('takes relative places from the project folder and shows files elsewhere by their whole path', () => {
    const diagnostic = problem('x', 'm', { place: { file: 'a.sql', line: 1, column: 1 } });
    const elsewhere = mkdtempSync(join(tmpdir(), 'upsql-elsewhere-'));
    const text = formatDiagnostic(diagnostic, { style, cwd: elsewhere, root });
    expect(text).toContain(`--> ${join(root, 'a.sql')}:1:1`);
    expect(text).toContain('> 1 | select *');
  });

  it('prefers the given source, and does without one', () => {
    const place = { file: '<inline>', line: 1, column: 8 };
    expect(formatDiagnostic(problem('x', 'm', { place, source: 'select nope' }), { style, cwd: root })).toContain(
      '--> <inline>:1:8\n> 1 | select nope\n    |        ^',
    );
    expect(formatDiagnostic(problem('x', 'm', { place }), { style, cwd: root })).toBe(
      'error[x]: m\n  --> <inline>:1:8',
    );
  });

  it('keeps the caret in sight on a very long line', () => {
    const source = `select ${'a, '.repeat(400)}wrong, ${'b, '.repeat(400)}c`;
    const column = source.indexOf('wrong') + 1;
    const place = { file: '<inline>', line: 1, column, length: 5 };
    const text = formatDiagnostic(problem('x', 'm', { place, source }), { style, cwd: root, width: 60 });
    const [, , line = '', caret = ''] = text.split('\n');
    expect(line.length).toBeLessThan(75);
    expect(line.slice(caret.indexOf('^'), caret.indexOf('^') + 5)).toBe('wrong');
  });

  it('shows the stack of an internal error only when debugging', () => {
    const error = problem('internal-error', 'boom', { source: 'Error: boom\n    at f (x.js:1:1)' });
    expect(formatDiagnostic(error, { style, cwd: root })).not.toContain('at f');
    expect(formatDiagnostic(error, { style, cwd: root, debug: true })).toContain('at f (x.js:1:1)');
  });
});
