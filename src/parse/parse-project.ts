/** Parsing: every file of the project and its packages becomes a node, with config, dependencies and tests. */
import type { Diagnostic } from '../diagnostics/index.js';
import type { Package, Project, PropertyEntry } from '../project/index.js';
import type { ContextOutput } from './context/base.js';
import { renderDescriptions } from './docs.js';
import type { SourceFile } from './files.js';
import { sha256 } from './hash.js';
import { lookupOf } from './lookup.js';
import { macroDependencies } from './macro-dependencies.js';
import { type MacroFile, MacroIndex } from './macros.js';
import { emptyManifest } from './manifest.js';
import { checkConfig } from './nodes/check-config.js';
import { addTests } from './nodes/declared-tests.js';
import { readDocsFile } from './nodes/docs-file.js';
import { groupMap } from './nodes/groups.js';
import { readHooks } from './nodes/hooks.js';
import { patchMacro } from './nodes/macro-properties.js';
import { patchNode, patchSingularTest, relook } from './nodes/patches.js';
import { checkPythonModel, readPythonFile } from './nodes/python-files.js';
import { collect, type ReadOptions } from './nodes/read-template.js';
import { sectionReaders } from './nodes/sections.js';
import { seedChecksum } from './nodes/seed-checksum.js';
import { addSourceTests, readSource } from './nodes/sources.js';
import {
  checkMaterialization,
  readSeedFile,
  readSnapshotFile,
  readSqlFile,
  type SourceText,
  stem,
} from './nodes/sql-files.js';
import { readTypescriptFile } from './nodes/typescript-files.js';
import { addVersionTests } from './nodes/versions.js';
import { readYamlSnapshot } from './nodes/yaml-snapshots.js';
import { setPrimaryKeys } from './primary-key.js';
import { readPropertyFile } from './property-files.js';
import { strip } from './python-strip.js';
import { ParseReads } from './reads.js';
import { resolveDependencies } from './resolve.js';
import { resolveSemantics } from './resolve-semantics.js';
import { resolveUnitTests } from './resolve-unit-tests.js';
import { SourceReader } from './source-reader.js';
import { type AdapterFacts, type Invocation, noTables, type ParsedProject } from './state.js';
import { checkUniqueness } from './uniqueness.js';

export interface ParseOptions {
  readonly adapter: AdapterFacts;
  readonly invocation: Invocation;
  /** The engine's own macros, the adapter's package among them. */
  readonly builtinMacros: readonly { readonly package: string; readonly path: string; readonly text: string }[];
  /** `log()` and warnings of templates that are rendered while parsing. */
  readonly onLog?: (message: string, level: 'info' | 'debug') => void;
  /** False renders every template instead of reading simple ones statically. */
  readonly staticReading?: boolean;
  /** False for a command that renders nothing afterwards, which then need not hold the trees of all templates. */
  readonly keepTemplates?: boolean;
  /** Where it has read files already. Default: a new one. */
  readonly reader?: SourceReader;
}

interface Sections {
  readonly files: readonly SourceFile[];
  readonly entries: readonly PropertyEntry[];
}

/** What reading the files of a parse shares. */
interface Reading extends ReadOptions {
  readonly reader: SourceReader;
  readonly createdAt: number;
}

function readText(file: SourceFile, reader: SourceReader): SourceText {
  const { packageName, absolutePath, path, originalFilePath } = file;
  return { packageName, absolutePath, path, originalFilePath, text: reader.text(absolutePath) };
}

function macroFiles(owner: Package, files: readonly SourceFile[], reader: SourceReader): MacroFile[] {
  return files
    .filter((f) => f.kind === 'macros' || f.kind === 'generic-tests')
    .map((f) => {
      const text = reader.text(f.absolutePath);
      const code = strip(text);
      return {
        packageName: owner.name,
        path: f.originalFilePath,
        absolutePath: f.absolutePath,
        text: code,
        line: text.slice(0, text.indexOf(code)).split('\n').length,
        genericTests: f.kind === 'generic-tests',
      };
    });
}

/**
 * Parses a loaded project. Faults of single files are collected in `diagnostics`, so that one run tells them all; the caller
 * decides whether errors among them end its work.
 */
export async function parseProject(project: Project, options: ParseOptions): Promise<ParsedProject> {
  const createdAt = Date.now() / 1000;
  const { adapter } = options;
  const macros = new MacroIndex(project.config.name, [`dbt_${adapter.type}`, 'dbt'], adapter.type);
  const diagnostics: Diagnostic[] = [...project.diagnostics];
  const manifest = emptyManifest(project, adapter, options.invocation);
  const parsed: ParsedProject = {
    project,
    adapter,
    invocation: options.invocation,
    manifest,
    macros,
    diagnostics,
    ...noTables(),
    fixtures: new Map(),
    reads: new ParseReads(),
    lookup: lookupOf(project, manifest),
  };
  manifest.macros = macros.nodes;
  const output: ContextOutput = {
    log: (message, level) => options.onLog?.(message, level),
    warn: (message) => diagnostics.push({ severity: 'warning', code: 'macro-warning', message }),
  };
  const reader = options.reader ?? new SourceReader();
  const { staticReading = true, keepTemplates = true } = options;
  const reading: Reading = { output, staticReading, keepTemplates, reader, createdAt };

  const found = new Map(project.packages.map((owner) => [owner, reader.files(owner)]));
  for (const { package: packageName, path, text } of options.builtinMacros)
    macros.add({ packageName, path, absolutePath: `${packageName}/${path}`, text, line: 1 }, createdAt);
  for (const [owner, files] of found)
    for (const file of macroFiles(owner, files, reader)) collect(parsed, () => macros.add(file, createdAt));
  macros.seal();
  macroDependencies(parsed);

  const sections = new Map<Package, Sections>();
  for (const [owner, files] of found) {
    const entries = files.filter((f) => f.kind === 'properties').flatMap((f) => readEntries(parsed, owner, f, reader));
    sections.set(owner, { files, entries });
  }
  for (const [owner, { files }] of sections) await readNodes(parsed, owner, files, reading);
  relook(parsed);
  const entries = [...sections.values()].flatMap((section) => section.entries);
  const readers = await sectionReaders(new Set(entries.map((entry) => entry.kind)));
  for (const entry of entries) {
    const read = readers.get(entry.kind);
    if (read === undefined) applyEntry(parsed, entry, createdAt);
    else collect(parsed, () => read({ parsed, entry, createdAt }));
  }
  relook(parsed);
  for (const entry of entries) applyTests(parsed, entry, output, createdAt);
  renderDescriptions(parsed);
  resolveDependencies(parsed);
  resolveSemantics(parsed);
  checkUniqueness(parsed);
  resolveUnitTests(parsed);
  setPrimaryKeys(parsed);
  manifest.group_map = groupMap(manifest);
  for (const node of Object.values(manifest.nodes)) {
    checkMaterialization(parsed, node);
    checkConfig(parsed, node);
    checkPythonModel(parsed, node);
  }
  relook(parsed);
  return parsed;
}

function readEntries(parsed: ParsedProject, owner: Package, file: SourceFile, reader: SourceReader): PropertyEntry[] {
  let entries: PropertyEntry[] = [];
  collect(parsed, () => {
    entries = readPropertyFile(parsed, owner, readText(file, reader));
  });
  return entries;
}

async function readNodes(
  parsed: ParsedProject,
  owner: Package,
  files: readonly SourceFile[],
  reading: Reading,
): Promise<void> {
  const { reader, createdAt } = reading;
  const text = (file: SourceFile): SourceText => readText(file, reader);
  const typescript = files.some((f) => f.kind === 'models' && f.absolutePath.endsWith('.ts'));
  const readModel = typescript ? (await import('./typescript/index.js')).readTypescriptModel : undefined;
  for (const file of files) {
    switch (file.kind) {
      case 'models':
        if (file.absolutePath.endsWith('.py')) readPythonFile(parsed, text(file), createdAt);
        else if (!file.absolutePath.endsWith('.ts')) readSqlFile(parsed, 'model', text(file), reading, createdAt);
        else if (readModel !== undefined) readTypescriptFile(parsed, text(file), readModel, createdAt);
        break;
      case 'snapshots':
        readSnapshotFile(parsed, text(file), reading, createdAt);
        break;
      case 'analyses':
        readSqlFile(parsed, 'analysis', text(file), reading, createdAt);
        break;
      case 'tests':
        readSqlFile(parsed, 'test', text(file), reading, createdAt);
        break;
      case 'fixtures':
        parsed.fixtures.set(`${owner.name}.${stem(file.path)}`, file.absolutePath);
        break;
      case 'seeds':
        readSeedFile(parsed, { ...file, text: '' }, seedChecksum(file, reader), owner.root, createdAt);
        break;
      case 'docs':
        collect(parsed, () => readDocsFile(parsed, text(file)));
        break;
      default:
    }
  }
  readHooks(parsed, owner, sha256(reader.text(`${owner.root}/dbt_project.yml`).trim()), reading, createdAt);
}

function applyEntry(parsed: ParsedProject, entry: PropertyEntry, createdAt: number): void {
  switch (entry.kind) {
    case 'snapshots':
      if (entry.raw.relation !== undefined) collect(parsed, () => readYamlSnapshot(parsed, entry, createdAt));
      patchNode(parsed, entry);
      break;
    case 'models':
    case 'seeds':
    case 'analyses':
      patchNode(parsed, entry);
      break;
    case 'macros':
      patchMacro(parsed, entry);
      break;
    case 'data_tests':
      patchSingularTest(parsed, entry);
      break;
    case 'sources':
      collect(parsed, () => readSource(parsed, entry, createdAt));
      break;
    default:
  }
}

function applyTests(parsed: ParsedProject, entry: PropertyEntry, output: ContextOutput, createdAt: number): void {
  if (entry.kind === 'sources') addSourceTests(parsed, entry, output, createdAt);
  else if (entry.kind === 'models' && Array.isArray(entry.raw.versions))
    addVersionTests(parsed, entry, output, createdAt);
  else if (['models', 'seeds', 'snapshots'].includes(entry.kind)) addTests(parsed, entry, output, createdAt);
}
