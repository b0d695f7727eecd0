import { describe, expect, it } from 'vitest';
import { extractBlocks, MacroTemplate } from '../../../src/jinja/index.js';
import { builtinMacroFiles } from '../../../src/macros/index.js';

const KINDS = ['macro', 'test', 'materialization'];

/** Every block of the packages for an adapter, with the file that it stands in. */
function blocksFor(adapterType: string) {
  return builtinMacroFiles(adapterType).flatMap((file) =>
    extractBlocks({ file: `${file.package}/${file.path}`, text: file.text }, KINDS).map((block) => ({ file, block })),
  );
}

describe('builtinMacroFiles', () => {
  it('gives the engine package, then the package of the adapter', () => {
    const packages = (type: string) => [...new Set(builtinMacroFiles(type).map((file) => file.package))];
    expect(packages('duckdb')).toEqual(['dbt', 'dbt_duckdb']);
    expect(packages('snowflake')).toEqual(['dbt', 'dbt_snowflake']);
    expect(packages('postgres')).toEqual(['dbt']);
    expect(packages('../../../etc')).toEqual(['dbt']);
  });

  it('names files by their path within the package, in the same order every time', () => {
    const paths = builtinMacroFiles('duckdb').map((file) => `${file.package}:${file.path}`);
    expect(paths).toContain('dbt:macros/names/generate_schema_name.sql');
    expect(paths).toContain('dbt_duckdb:macros/relations/create.sql');
    expect(new Set(paths).size).toBe(paths.length);
    expect(builtinMacroFiles('duckdb').map((file) => `${file.package}:${file.path}`)).toEqual(paths);
  });
});

describe.each(['duckdb', 'snowflake'])('the macros for %s', (adapterType) => {
  const blocks = blocksFor(adapterType);

  it('compile, each of them', () => {
    expect(blocks.length).toBeGreaterThan(200);
    for (const { file, block } of blocks) {
      const template = MacroTemplate.parse({
        file: file.path,
        text: block.text,
        line: block.place.line,
        column: block.place.column,
      });
      expect(template.writtenName).toBe(block.name);
      expect(() => template.inspect(), `${file.path}: ${block.name}`).not.toThrow();
    }
  });

  it('have one definition in a package', () => {
    const names = blocks.map(({ file, block }) => `${file.package}.${block.kind}.${block.name}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('find a macro for everything that they dispatch', () => {
    const defined = new Set(blocks.map(({ block }) => block.name));
    const dispatched = blocks.flatMap(({ block }) =>
      [...block.text.matchAll(/adapter\.dispatch\('(\w+)', 'dbt'\)/g)].map((match) => match[1] ?? ''),
    );
    expect(dispatched.length).toBeGreaterThan(100);
    const found = (name: string) => defined.has(`default__${name}`) || defined.has(`${adapterType}__${name}`);
    expect(dispatched.filter((name) => !found(name))).toEqual([]);
  });
});
