import { describe, expect, it } from 'vitest';
import {
  changesData,
  leavesState,
  queryTagOf,
  splitStatements,
  transactionVerb,
  usedWarehouse,
} from '../../../src/adapters/snowflake/split.js';

const texts = (sql: string) => splitStatements(sql).map((one) => one.text.trim());

describe('splitStatements', () => {
  it('cuts at semicolons and leaves out what is empty', () => {
    expect(texts('select 1; ;\n-- nothing\n; select 2;')).toEqual(['select 1', 'select 2']);
    const [, second] = splitStatements('select 1; select 2');
    expect(second).toEqual({ text: ' select 2', start: 9 });
  });

  it.each([
    "select 'a;b'",
    "select 'it''s; here'",
    String.raw`select 'it\'s; here'`,
    String.raw`select 'ends in a backslash \\'`,
    'select "a;""b"',
    'select 1 -- not; here\n, 2',
    'select 1 // nor; here\n, 2',
    'select /* nor; here */ 1',
    'execute immediate $$ begin let x := 1; return x; end $$',
    "select 'never closed; ",
  ])('keeps %s whole', (sql) => {
    expect(texts(sql)).toEqual([sql.trim()]);
  });

  it('is linear in a long text', () => {
    expect(texts(`${"insert into t values ('a;b', 1);\n".repeat(20_000)}`)).toHaveLength(20_000);
  });
});

describe('what a statement does', () => {
  it('tells the ends of transactions from scripting blocks and from words like them', () => {
    expect(
      ['begin', '/* c */ BEGIN TRANSACTION', 'start transaction name x', 'begin -- c'].map(transactionVerb),
    ).toEqual(['begin', 'begin', 'begin', undefined]);
    expect(['commit', 'rollback work', 'commit\n/* tag */'].map(transactionVerb)).toEqual(['end', 'end', 'end']);
    expect(['begin let x := 1', 'select commit', 'commit_all()'].map(transactionVerb)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('tells changes of data from DDL', () => {
    expect(['-- c\ninsert into t', 'MERGE into t', 'delete from t', 'copy into t'].every(changesData)).toBe(true);
    expect(['create table t as select 1', 'select 1', 'updates'].some(changesData)).toBe(false);
  });

  it('reads the warehouse and the query tag that a session is set to', () => {
    expect(usedWarehouse('/* {} */ use warehouse "Big ""one"""')).toBe('"Big ""one"""');
    expect(usedWarehouse('use warehouse x\n/* tag */')).toBe('x');
    expect(usedWarehouse('use role x')).toBeUndefined();
    expect(queryTagOf("alter session set query_tag = 'it''s'")).toBe("it's");
    expect(queryTagOf(String.raw`/* c */ alter session set QUERY_TAG='a\\b\'c'`)).toBe(String.raw`a\b'c`);
    expect(queryTagOf('alter session unset query_tag')).toBeNull();
    expect(queryTagOf("alter session set timezone = 'UTC'")).toBeUndefined();
  });

  it('knows what a new session would lack', () => {
    expect(
      [
        'create or replace temporary table x',
        'create temp view v',
        'use role r',
        'set a = 1',
        'with p as procedure () as $$x$$ call p()',
      ].every(leavesState),
    ).toBe(true);
    expect(['create table temporary_x', 'select 1', 'create transient table x'].some(leavesState)).toBe(false);
  });
});
