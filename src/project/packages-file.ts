/** packages.yml, the `packages:` of dependencies.yml, and package-lock.yml: the packages a project asks for. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Diagnostic, didYouMean, type Place, problem, UpsqlError } from '../diagnostics/index.js';
import { Float, floatRepr } from '../jinja/values/float.js';
import { check } from './check.js';
import { rendererFor } from './config-context.js';
import { hideCredentials } from './credentials.js';
import { KIND_KEYS, type PackageKind, packageSchemas } from './package-schemas.js';
import type { YamlMap, YamlValue } from './project.js';
import { type Env, renderValue } from './render.js';
import { readYaml, type YamlFile } from './yaml.js';
import { isYamlMap } from './yaml-map.js';

export const PACKAGES_FILE = 'packages.yml';
export const DEPENDENCIES_FILE = 'dependencies.yml';
export const LOCK_FILE = 'package-lock.yml';

/** One entry of `packages:`. */
export interface PackageSpec {
  readonly kind: PackageKind;
  /** `org/name`, the git or tarball address, the path. */
  readonly name: string;
  readonly rendered: YamlMap;
  readonly unrendered: YamlMap;
  /** Where it stands, with the file's text without credentials; absent in the hub's own lists. */
  readonly place?: Place;
  readonly source?: string;
}

export interface PackagesFile {
  /** Absolute path; of packages.yml where there is no file. */
  readonly file: string;
  readonly exists: boolean;
  readonly packages: readonly PackageSpec[];
}

export interface PackagesContext {
  readonly env: Env;
  readonly cliVars: YamlMap;
}

/**
 * The packages that the package in `root` asks for, none where it has no such file. As in dbt the `packages:` of the root
 * project's dependencies.yml are not rendered. Throws UpsqlError for what is wrong in the files.
 */
export async function readPackagesFile(root: string, context: PackagesContext, isRoot: boolean): Promise<PackagesFile> {
  const main = readDocument(path.join(root, PACKAGES_FILE));
  const other = readDocument(path.join(root, DEPENDENCIES_FILE));
  const inOther = isYamlMap(other?.document.value) && 'packages' in other.document.value;
  if (isYamlMap(main?.document.value)) {
    const { value } = main.document;
    if ('projects' in value)
      throw new UpsqlError(
        atKey(main, 'projects', `${PACKAGES_FILE} can't hold 'projects'`, `Move them to ${DEPENDENCIES_FILE}.`),
      );
    if ('packages' in value && inOther)
      throw new UpsqlError(
        atKey(main, 'packages', `Both ${PACKAGES_FILE} and ${DEPENDENCIES_FILE} hold 'packages'`, 'Keep one of them.'),
      );
  }
  const file = path.join(root, inOther ? DEPENDENCIES_FILE : PACKAGES_FILE);
  const source = inOther ? other : main;
  if (source === undefined) return { file, exists: false, packages: [] };
  return { file, exists: true, packages: await packagesIn(source, context, { render: !(isRoot && inOther) }) };
}

/** The packages in the text of a packages file that is not (yet) on disk. */
export async function readPackagesText(
  content: string,
  file: string,
  context: PackagesContext,
): Promise<readonly PackageSpec[]> {
  return packagesIn(parse(content, file), context, { render: path.basename(file) !== DEPENDENCIES_FILE });
}

export interface LockFile {
  readonly hash: string | undefined;
  readonly packages: readonly PackageSpec[];
}

/** package-lock.yml in `root`, rendered like packages.yml; undefined where there is none. */
export async function readLockFile(root: string, context: PackagesContext): Promise<LockFile | undefined> {
  const found = readDocument(path.join(root, LOCK_FILE));
  if (found === undefined) return undefined;
  const { value } = found.document;
  const hash = isYamlMap(value) && typeof value.sha1_hash === 'string' ? value.sha1_hash : undefined;
  return { hash, packages: await packagesIn(found, context, { render: true, also: ['sha1_hash'] }) };
}

/** The entries of a list that is no file's: the hub's. Unknown keys pass. */
export function packagesInList(list: readonly unknown[]): PackageSpec[] {
  return list.flatMap((entry) => {
    if (!isYamlMap(entry)) return [];
    const kind = kindOf(entry);
    return kind === undefined ? [] : [{ kind, name: String(entry[KIND_KEYS[kind]]), rendered: entry, unrendered: {} }];
  });
}

/** A version or revision as text, the way Python prints it: `1.0` stays `1.0`. */
export function plainNumber(value: YamlValue): string {
  return value instanceof Float ? floatRepr(value.value) : String(value);
}

interface Found {
  readonly document: YamlFile;
  /** The file's text, fit to be shown. */
  readonly source: string;
}

function readDocument(file: string): Found | undefined {
  return existsSync(file) ? parse(readFileSync(file, 'utf8'), file) : undefined;
}

function parse(content: string, file: string): Found {
  const source = hideCredentials(content, { sameLength: true });
  return withSource(source, () => ({ document: readYaml(content, file), source }));
}

function withSource<T>(source: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof UpsqlError)) throw error;
    const shown = error.diagnostics.map((found) => ({
      ...found,
      message: hideCredentials(found.message),
      ...(found.place === undefined ? {} : { source }),
    }));
    throw new UpsqlError(shown, error.exitCode, error);
  }
}

async function packagesIn(
  found: Found,
  context: PackagesContext,
  { render, also = [] }: { readonly render: boolean; readonly also?: readonly string[] },
): Promise<readonly PackageSpec[]> {
  const { document, source } = found;
  const name = path.basename(document.file);
  const raw = document.value;
  if (raw === null) return [];
  const wrong = (message: string, place: Place, hint: string) =>
    new UpsqlError(problem('invalid-packages', message, { place, source, hint }));
  const shape = 'Write "packages:" with a list under it, one entry a package.';
  if (!isYamlMap(raw)) throw wrong(`${name} holds no map`, document.locate([]), shape);
  const known = ['packages', ...also, ...(name === DEPENDENCIES_FILE ? ['projects'] : [])];
  for (const key of Object.keys(raw)) {
    if (known.includes(key)) continue;
    throw wrong(
      `Unknown key '${key}' in ${name}`,
      document.locateKey([key]),
      didYouMean(key, known) ?? `Known keys: ${known.join(', ')}.`,
    );
  }
  if (!('packages' in raw) && Object.keys(raw).length === 0) return [];
  const list = raw.packages ?? null;
  if (!Array.isArray(list)) throw wrong(`'packages' in ${name} is no list`, document.locateKey(['packages']), shape);
  const text = await rendererFor(render ? list : null, { ...context, secrets: true });
  const rendered = withSource(
    source,
    () => (render ? renderValue(list, text, { document, at: ['packages'], source }) : list) as YamlValue[],
  );
  const problems: Diagnostic[] = [];
  const specs = rendered.map((entry, index): PackageSpec | undefined => {
    const at = ['packages', index];
    const kind = isYamlMap(entry) ? kindOf(entry) : undefined;
    if (!isYamlMap(entry) || kind === undefined) {
      const keys = Object.values(KIND_KEYS).join(', ');
      problems.push(
        problem('invalid-packages', `${name}: a package is a map with one of ${keys}`, {
          place: document.locate(at),
          source,
          hint: 'Such as "- package: dbt-labs/dbt_utils" with "version: 1.3.0" under it.',
        }),
      );
      return undefined;
    }
    const spec = String(entry[KIND_KEYS[kind]]);
    problems.push(
      ...check(packageSchemas[kind], entry, document, { at, what: `package ${index + 1} of ${name}`, source }),
    );
    const unrendered = list[index];
    const place = document.locate([...at, KIND_KEYS[kind]]);
    return { kind, name: spec, rendered: entry, unrendered: isYamlMap(unrendered) ? unrendered : {}, place, source };
  });
  if (problems.length > 0) throw new UpsqlError(problems);
  return specs.filter((spec) => spec !== undefined);
}

function kindOf(entry: YamlMap): PackageKind | undefined {
  const kinds: readonly PackageKind[] = ['hub', 'git', 'local', 'tarball', 'private'];
  return kinds.find((kind) => KIND_KEYS[kind] in entry);
}

function atKey({ document, source }: Found, key: string, message: string, hint: string): Diagnostic {
  return problem('invalid-packages', message, { place: document.locateKey([key]), source, hint });
}
