import { describe, expect, it } from 'vitest';
import { splitStatements, transactionVerb } from '../../../src/adapters/duckdb/split.js';

const texts = (sql: string) => splitStatements(sql).map((s) => s.text);

describe('splitStatements', () => {
  it.each([
    ['select 1; select 2', ['select 1', ' select 2']],
    ['select 1;;\n-- end\n', ['select 1']],
    ["select ';' || 'it''s; ok'; x", ["select ';' || 'it''s; ok'", ' x']],
    ['select ";" as "a"";"; x', ['select ";" as "a"";"', ' x']],
    ["select e'\\';' ; x", ["select e'\\';' ", ' x']],
    ["select e'a\\\\'; x", ["select e'a\\\\'", ' x']],
    ["select e'a''; b'; x", ["select e'a''; b'", ' x']],
    ["select '', ''''; x", ["select '', ''''", ' x']],
    ["select 'C:\\'; x", ["select 'C:\\'", ' x']],
    ['select $$a;b$$, $t$;$$;$t$; x', ['select $$a;b$$, $t$;$$;$t$', ' x']],
    ['/* a; /* b; */ c; */ select 1; x', ['/* a; /* b; */ c; */ select 1', ' x']],
    ['select 1 -- a; b\n+ 1; x', ['select 1 -- a; b\n+ 1', ' x']],
    ['-- only\n/* comments */ ;', []],
    ["select 'never closed; x", ["select 'never closed; x"]],
    ['', []],
  ])('%s', (sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });

  it('takes texts of any size', () => {
    const long = 'x'.repeat(20_000_000);
    expect(splitStatements(`insert into t values ('${long}'); select 1`)).toHaveLength(2);
    expect(splitStatements(`select '${long}`)).toHaveLength(1);
    expect(splitStatements(`select 1;${' '.repeat(20_000_000)}`)).toHaveLength(1);
    expect(splitStatements(`select e'${"\\\\''".repeat(1_000_000)}'; select 2`)).toHaveLength(2);
    expect(transactionVerb(`${' '.repeat(20_000_000)}begin`)).toBe('begin');
  });

  it('tells where each statement starts', () => {
    const sql = 'select 1;\n select 2';
    for (const { text, start } of splitStatements(sql)) expect(sql.slice(start, start + text.length)).toBe(text);
  });
});

describe('transactionVerb', () => {
  it.each([
    ['begin', 'begin'],
    ['\n-- x\n/* y */ START TRANSACTION', 'begin'],
    ['Commit', 'end'],
    ['rollback', 'end'],
    ['select begin', undefined],
    ['beginning', undefined],
  ])('%s', (sql, verb) => {
    expect(transactionVerb(sql)).toBe(verb);
  });
});
