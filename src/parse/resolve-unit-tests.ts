/** Unit tests find their models when versions are known: one test a version, none where the model is disabled. */
import { didYouMean, problem } from '../diagnostics/index.js';
import { findRef, findSource } from './lookup.js';
import type { Node, OtherNode, SourceNode } from './node.js';
import { parseReference } from './nodes/references.js';
import { addDisabled } from './nodes/sql-files.js';
import { unitTestPlace } from './nodes/unit-test-place.js';
import { isMap, mapOf, mapsOf, texts } from './shape.js';
import type { ParsedProject } from './state.js';

function fail(parsed: ParsedProject, test: OtherNode, message: string, hint?: string): void {
  const place = parsed.places.get(test.unique_id);
  parsed.diagnostics.push(
    problem('invalid-unit-test', message, {
      ...(place === undefined ? {} : { place }),
      ...(hint === undefined ? {} : { hint }),
    }),
  );
}

function disable(parsed: ParsedProject, test: OtherNode): void {
  delete parsed.manifest.unit_tests[test.unique_id];
  if (test.config !== undefined) test.config.enabled = false;
  addDisabled(parsed, test);
}

/** An incremental model's test says which of its two ways is tested, and gives `this` for the second. */
function checkIncremental(parsed: ParsedProject, test: OtherNode, model: Node): void {
  if (!model.depends_on.macros.includes('macro.dbt.is_incremental')) return;
  const override = mapOf(mapOf(test.overrides).macros).is_incremental;
  if (typeof override !== 'boolean') {
    fail(
      parsed,
      test,
      `Unit test '${test.name}' is on the incremental model '${model.name}' and does not say which run it tests.`,
      'Add overrides: {macros: {is_incremental: true}} (or false).',
    );
  } else if (override && !mapsOf(test.given).some((given) => given.input === 'this')) {
    fail(
      parsed,
      test,
      `Unit test '${test.name}' tests an incremental run of '${model.name}' without the rows that are there already.`,
      'Add an input: this under given.',
    );
  }
}

/** The versions of a model that a test is on: all, those included, or all but those excluded. */
function versionsOf(parsed: ParsedProject, test: OtherNode, model: Node): Node[] {
  const all = Object.values(parsed.manifest.nodes).filter(
    (n) => n.resource_type === 'model' && n.package_name === model.package_name && n.name === model.name,
  );
  if (!isMap(test.versions)) return all;
  const named = (list: unknown) => new Set(texts(list));
  const exclude = named(test.versions.exclude);
  if (exclude.size > 0) return all.filter((n) => !exclude.has(String(n.version)));
  const include = named(test.versions.include);
  return include.size === 0 ? all : all.filter((n) => include.has(String(n.version)));
}

function warn(parsed: ParsedProject, test: OtherNode, index: number, message: string, hint: string | undefined): void {
  const place = unitTestPlace(parsed, test, ['given', index, 'input']);
  parsed.diagnostics.push(
    problem('unit-test-input', message, {
      severity: 'warning',
      ...(place === undefined ? {} : { place }),
      ...(hint === undefined ? {} : { hint }),
    }),
  );
}

/** Inputs that the model does not read have no effect, which is a mistake more often than not. */
function checkInputs(parsed: ParsedProject, test: OtherNode, model: Node): void {
  const root = parsed.project.config.name;
  const read = model.depends_on.nodes.map((id) => parsed.manifest.nodes[id] ?? parsed.manifest.sources[id]);
  const calls = read.filter((node) => node !== undefined).map(callOf);
  const seen = new Set<string>();
  for (const [index, given] of mapsOf(test.given).entries()) {
    const input = String(given.input);
    const reference = parseReference(input);
    const found =
      reference === undefined || reference.kind === 'metric'
        ? undefined
        : reference.kind === 'ref'
          ? findRef(parsed.lookup, reference.ref, root, test.package_name)
          : findSource(parsed.lookup, ...reference.source, root, test.package_name);
    const id = found?.kind === 'found' ? found.node.unique_id : input;
    if (seen.has(id))
      warn(parsed, test, index, `${input} is given twice in unit test '${test.name}'.`, 'The last counts.');
    seen.add(id);
    if (input.trim() === 'this' || model.depends_on.nodes.includes(id)) continue;
    const near = found?.kind === 'found' ? undefined : didYouMean(input, calls);
    const hint = near ?? (calls.length === 0 ? undefined : `It reads ${calls.join(', ')}.`);
    warn(parsed, test, index, `'${model.name}' does not read ${input}, an input of unit test '${test.name}'.`, hint);
  }
}

const callOf = (node: Node | SourceNode): string =>
  'source_name' in node && node.resource_type === 'source'
    ? `source('${String(node.source_name)}', '${node.name}')`
    : `ref('${node.name}')`;

function resolve(parsed: ParsedProject, test: OtherNode): void {
  const [name = '', version = null] = String(test.model).split(/\s+/);
  const found = findRef(
    parsed.lookup,
    { name, package: test.package_name, version },
    parsed.project.config.name,
    test.package_name,
  );
  if (found.kind === 'disabled') {
    disable(parsed, test);
    return;
  }
  if (found.kind !== 'found') {
    const known = Object.values(parsed.manifest.nodes).filter((n) => n.resource_type === 'model');
    const near = didYouMean(
      name,
      known.map((n) => n.name),
    );
    fail(parsed, test, `Unit test '${test.name}' is on the model '${String(test.model)}', which does not exist.`, near);
    return;
  }
  const model = found.node;
  test.depends_on = { macros: [], nodes: [model.unique_id] };
  test.schema = model.schema;
  checkIncremental(parsed, test, model);
  checkInputs(parsed, test, model);
  if (model.version === null || model.version === undefined) {
    if (isMap(test.versions))
      fail(parsed, test, `Unit test '${test.name}' names versions, and the model '${model.name}' has none.`);
    return;
  }
  const versions = versionsOf(parsed, test, model);
  if (versions.length === 0) fail(parsed, test, `No version of '${model.name}' is left for unit test '${test.name}'.`);
  delete parsed.manifest.unit_tests[test.unique_id];
  const place = parsed.places.get(test.unique_id);
  for (const node of versions) {
    const id = `${test.unique_id}_v${node.version}`;
    if (place !== undefined) parsed.places.set(id, place);
    const depends = { macros: [], nodes: [node.unique_id] };
    parsed.manifest.unit_tests[id] = { ...test, unique_id: id, depends_on: depends, version: node.version ?? null };
  }
}

/** To be called when all nodes are known. Mistakes become diagnostics at the test's place. */
export function resolveUnitTests(parsed: ParsedProject): void {
  for (const test of Object.values(parsed.manifest.unit_tests)) resolve(parsed, test);
}
