import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manifestJson } from '../../src/artifacts/manifest.js';
import { compile, type LoadedProject, list, loadProject } from '../../src/index.js';
import { type Expected, expectedOf, PROJECT_NAMES, prepare, SECTIONS, trimmedSection } from '../compat/compare.js';

/** What scripts/judge/compat.py had dbt-core say of each project is what upsql says of it. */
describe.each(PROJECT_NAMES)('%s', (name) => {
  let expected: Expected;
  let project: LoadedProject;
  // biome-ignore lint/suspicious/noExplicitAny: an artifact is compared whole
  let manifest: any;

  beforeAll(async () => {
    expected = expectedOf(name);
    project = await loadProject(prepare(name));
    manifest = JSON.parse([...manifestJson(project.manifest)].join(''));
  });
  afterAll(() => project?.close());

  it('parses without an error', () => {
    expect(project.diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
  });

  it.each(SECTIONS)('has the %s that dbt has', (section) => {
    expect(trimmedSection(section, manifest[section])).toEqual(expected.manifest[section]);
  });

  it.each(Object.keys({ selector: 1, name: 1, path: 1 }))('lists by %s what dbt lists', async (output) => {
    const lines = await list(project, { output: output as 'name' });
    expect([...lines].sort()).toEqual(expected.ls[output]);
  });

  it('compiles to the SQL that dbt compiles to', async () => {
    const { results } = await compile(project, { writeArtifacts: false });
    const failed = results.filter((r) => r.status === 'error').map((r) => [r.node.unique_id, r.message]);
    expect(failed).toEqual([]);
    const nodes = Object.values(project.manifest.nodes).filter((node) => node.compiled_code !== undefined);
    const compiled = Object.fromEntries(nodes.map((node) => [node.unique_id, node.compiled_code]));
    expect(compiled).toEqual(expected.compiled);
  });
});
