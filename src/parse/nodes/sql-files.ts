/** Models, analyses, singular tests, snapshots and seeds from their files. */
import { didYouMean, problem, UpsqlError } from '../../diagnostics/index.js';
import { type Block, extractBlocks } from '../../jinja/index.js';
import { defaultConfig } from '../config.js';
import { sha256 } from '../hash.js';
import type { FileHash, Node, NodeConfig, OtherNode, ResourceType, SourceNode } from '../node.js';
import { strip } from '../python-strip.js';
import type { Origin, ParsedProject } from '../state.js';
import { configureNode } from './configure.js';
import { createNode, fqnOf } from './factory.js';
import { collect, type ReadOptions, readTemplate } from './read-template.js';

export interface SourceText {
  readonly packageName: string;
  readonly absolutePath: string;
  /** Relative to the searched folder, with `/`. */
  readonly path: string;
  /** Relative to the package root, with `/`. */
  readonly originalFilePath: string;
  readonly text: string;
}

/** A file's text without blanks around it, the offset at which that begins in the file, and its line. */
export function stripped(text: string): { code: string; start: number; line: number } {
  const code = strip(text);
  const start = text.indexOf(code);
  return { code, start, line: text.slice(0, start).split('\n').length };
}

/** The name of a file without its folders and extension. */
export const stem = (path: string) => (path.split('/').at(-1) ?? path).replace(/\.[^.]+$/, '');

interface Blank {
  readonly language?: string;
  readonly checksum?: FileHash;
}

/** A node as its file alone makes it, with the configs that are there by themselves. */
export function blank(
  parsed: ParsedProject,
  type: ResourceType,
  file: SourceText,
  name: string,
  code: string,
  fqnPath: string,
  createdAt: number,
  { language = 'sql', checksum = sha256(strip(file.text)) }: Blank = {},
): Node {
  return createNode({
    resourceType: type,
    packageName: file.packageName,
    name,
    path: type === 'analysis' ? `analysis/${file.path}` : file.path,
    originalFilePath: file.originalFilePath,
    fqn: fqnOf(file.packageName, type === 'analysis' ? `analysis/${fqnPath}` : fqnPath, name),
    rawCode: code,
    language,
    checksum,
    database: parsed.adapter.database,
    schema: parsed.adapter.schema,
    config: defaultConfig(type as 'model') as unknown as NodeConfig,
    createdAt,
  });
}

/** Keeps a node that takes no part. */
export function addDisabled(parsed: ParsedProject, node: Node | SourceNode | OtherNode): void {
  const list = parsed.manifest.disabled[node.unique_id];
  if (list === undefined) parsed.manifest.disabled[node.unique_id] = [node];
  else list.push(node);
}

/** The absolute path of a node's file. */
function fileOf(parsed: ParsedProject, node: Node): string {
  const owner = parsed.project.packages.find((p) => p.name === node.package_name);
  return `${owner?.root ?? parsed.project.root}/${node.original_file_path}`;
}

/** Puts a node into the manifest, or among the disabled; two enabled nodes of one id are an error. */
export function addNode(parsed: ParsedProject, node: Node): void {
  if (node.config.enabled === false) {
    addDisabled(parsed, node);
    return;
  }
  const before = parsed.manifest.nodes[node.unique_id];
  if (before !== undefined) {
    throw new UpsqlError(
      problem(
        'duplicate-name',
        `Two ${node.resource_type}s are named '${node.name}' in package '${node.package_name}'.`,
        {
          place: { file: fileOf(parsed, node), line: 1, column: 1 },
          hint: `They are ${before.original_file_path} and ${node.original_file_path}. Rename or disable one of them: a name is what ref() finds a node by.`,
        },
      ),
    );
  }
  parsed.manifest.nodes[node.unique_id] = node;
}

function finish(parsed: ParsedProject, node: Node, origin: Origin, options: ReadOptions): void {
  if (parsed.manifest.nodes[node.unique_id] === undefined) parsed.origins.set(node.unique_id, origin);
  readNode(parsed, node, options);
  addNode(parsed, node);
}

/** All that a node's own text and dbt_project.yml say of it. */
function readNode(parsed: ParsedProject, node: Node, options: ReadOptions): void {
  const written = readTemplate(parsed, node, options);
  configureNode(parsed, node);
  if (written !== undefined) Object.assign(node.unrendered_config, written);
}

/** A model, an analysis or a singular test: one file, one node. */
export function readSqlFile(
  parsed: ParsedProject,
  type: 'model' | 'analysis' | 'test',
  file: SourceText,
  options: ReadOptions,
  createdAt: number,
): void {
  collect(
    parsed,
    () => {
      const { code, line } = stripped(file.text);
      const node = blank(parsed, type, file, stem(file.path), code, file.path, createdAt);
      finish(parsed, node, { file: file.absolutePath, line }, options);
    },
    stem(file.path),
  );
}

/** A model, an analysis or a singular test as it is before properties YAML; not put anywhere. Undefined where it has faults. */
export function rereadSqlFile(
  parsed: ParsedProject,
  type: 'model' | 'analysis' | 'test',
  file: SourceText,
  options: ReadOptions,
  createdAt: number,
): Node | undefined {
  let read: Node | undefined;
  collect(parsed, () => {
    const { code, line } = stripped(file.text);
    const node = blank(parsed, type, file, stem(file.path), code, file.path, createdAt);
    parsed.configCalls.delete(node.unique_id);
    parsed.origins.set(node.unique_id, { file: file.absolutePath, line });
    readNode(parsed, node, options);
    read = node;
  });
  return read;
}

/** Where a block's contents begin in its file. */
function contentsPlace(block: Block): { line: number; column: number } {
  const lines = block.text.slice(0, block.text.lastIndexOf(trimmedContents(block))).split('\n');
  const last = lines.at(-1) ?? '';
  const { line, column } = block.place;
  return { line: line + lines.length - 1, column: last.length + (lines.length === 1 ? column : 1) };
}

/** A block's contents without the white space that `-%}` of its first and `{%-` of its last tag take away. */
function trimmedContents({ text, contents }: Block): string {
  const at = text.lastIndexOf(contents);
  const start = text.slice(0, at).endsWith('-%}') ? contents.trimStart() : contents;
  return text.startsWith('{%-', at + contents.length) ? start.trimEnd() : start;
}

/** Every `{% snapshot %}` block of a file. */
export function readSnapshotFile(
  parsed: ParsedProject,
  file: SourceText,
  options: ReadOptions,
  createdAt: number,
): void {
  collect(
    parsed,
    () => {
      for (const block of extractBlocks({ text: file.text, file: file.absolutePath }, ['snapshot'])) {
        const node = blank(
          parsed,
          'snapshot',
          file,
          block.name,
          trimmedContents(block),
          `${file.path.replace(/\.[^.]+$/, '')}/${block.name}`,
          createdAt,
        );
        const origin = { file: file.absolutePath, ...contentsPlace(block) };
        collect(parsed, () => finish(parsed, node, origin, options), block.name);
      }
    },
    stem(file.path),
  );
}

/** A CSV seed. Its rows are read when it is loaded; here only its name and checksum count. */
export function readSeedFile(
  parsed: ParsedProject,
  file: SourceText,
  checksum: FileHash,
  packageRoot: string,
  createdAt: number,
): void {
  collect(parsed, () => {
    const node = blank(parsed, 'seed', file, stem(file.path), '', file.path, createdAt);
    node.checksum = checksum;
    node.root_path = packageRoot;
    node.depends_on = { macros: [], nodes: [] };
    parsed.origins.set(node.unique_id, { file: file.absolutePath, line: 1 });
    configureNode(parsed, node);
    addNode(parsed, node);
  });
}

/** The error for a materialization that no macro builds. */
export function checkMaterialization(parsed: ParsedProject, node: Node): void {
  if (node.resource_type !== 'model' || ['ephemeral', 'view', 'table'].includes(node.config.materialized)) return;
  if (parsed.macros.findMaterialization(node.config.materialized) !== undefined) return;
  const known = [...parsed.macros.materializations(), 'ephemeral'];
  parsed.diagnostics.push(
    problem(
      'unknown-materialization',
      `Model '${node.name}' asks for the materialization '${node.config.materialized}', which does not exist.`,
      {
        place: { file: parsed.origins.get(node.unique_id)?.file ?? node.original_file_path, line: 1, column: 1 },
        hint: didYouMean(node.config.materialized, known) ?? `Known: ${known.join(', ')}.`,
      },
    ),
  );
}
