import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomic } from '../../artifacts/write-atomic.js';
import { didYouMean } from '../../diagnostics/index.js';
import { mlError } from '../matrix.js';
import { formatArtifact } from './format.js';
import { type Artifact, parseArtifact } from './schema.js';

/** Where models are kept: `<folder>/<name>/<version>.json`, and which version is in use in `<folder>/<name>/promoted.json`. */
export interface ModelStore {
  readonly folder: string;
  /** Names of the models that have a version, in alphabetical order. */
  names(): readonly string[];
  /** Versions of a model, ascending; none for an unknown name. */
  versions(name: string): readonly number[];
  /** The version in use; undefined when none is. @throws UpsqlError `ml-artifact-damaged` for a damaged promoted.json. */
  promoted(name: string): number | undefined;
  /**
   * A version, or the one in use.
   * @throws UpsqlError `ml-unknown-model`, `ml-unknown-version`, `ml-not-promoted`, and as `parseArtifact` does.
   */
  load(name: string, version?: number): Artifact;
  /** Text of a version's file, for hashes. @throws UpsqlError as `load` does. */
  file(name: string, version?: number): string;
  /**
   * Writes the artifact as the next version, and gives it. When the newest version holds the same model, nothing is written
   * (`added` is false).
   */
  save(artifact: Artifact): Promise<{ readonly artifact: Artifact; readonly added: boolean }>;
  /** Makes a version the one in use, after reading it. @throws UpsqlError as `load` does. */
  promote(name: string, version: number): Promise<Artifact>;
}

/** Opens a folder of models, which need not exist yet. */
export function openStore(folder: string): ModelStore {
  const place = (name: string): string => join(folder, checkedName(name));
  const store: ModelStore = {
    folder,
    names: () =>
      entries(folder)
        .filter((name) => store.versions(name).length > 0)
        .sort(),
    versions: (name) =>
      entries(place(name))
        .flatMap((entry) => (/^[1-9]\d*\.json$/.test(entry) ? [Number.parseInt(entry, 10)] : []))
        .sort((a, b) => a - b),
    promoted(name) {
      const file = join(place(name), 'promoted.json');
      const text = readText(file);
      if (text === undefined) return undefined;
      let version: unknown;
      try {
        version = Reflect.get(JSON.parse(text) as object, 'version');
      } catch {
        version = undefined;
      }
      if (typeof version === 'number' && Number.isInteger(version) && version > 0) return version;
      throw mlError(
        'ml-artifact-damaged',
        `${file} does not name a version`,
        `Run \`upsql ml promote ${name} --model-version N\` to write it anew.`,
      );
    },
    file: (name, version) => join(place(name), `${resolveVersion(store, name, version)}.json`),
    load(name, version) {
      const file = store.file(name, version);
      const text = readText(file);
      if (text === undefined) throw unknownVersion(store, name, version ?? store.promoted(name) ?? 0);
      return parseArtifact(text, file);
    },
    async save(artifact) {
      const newest = store.versions(artifact.name).at(-1);
      if (newest !== undefined) {
        const same = { ...artifact, version: newest };
        if (readText(join(place(artifact.name), `${newest}.json`)) === formatArtifact(same))
          return { artifact: same, added: false };
      }
      const numbered = { ...artifact, version: (newest ?? 0) + 1 };
      await writeAtomic(join(place(artifact.name), `${numbered.version}.json`), [formatArtifact(numbered)]);
      return { artifact: numbered, added: true };
    },
    async promote(name, version) {
      const artifact = store.load(name, version);
      await writeAtomic(join(place(name), 'promoted.json'), [`${JSON.stringify({ version })}\n`]);
      return artifact;
    },
  };
  return store;
}

function resolveVersion(store: ModelStore, name: string, version: number | undefined): number {
  const versions = store.versions(name);
  if (versions.length === 0) {
    const hint = didYouMean(name, store.names()) ?? `Train it first: \`upsql ml train ${name}\`.`;
    throw mlError('ml-unknown-model', `there is no trained model '${name}' in ${store.folder}`, hint);
  }
  const wanted = version ?? store.promoted(name);
  if (wanted === undefined) {
    throw mlError(
      'ml-not-promoted',
      `no version of the model '${name}' is promoted`,
      `There are: ${versions.join(', ')}. Choose one: \`upsql ml promote ${name} --model-version ${versions.at(-1)}\`.`,
    );
  }
  if (!versions.includes(wanted)) throw unknownVersion(store, name, wanted);
  return wanted;
}

function unknownVersion(store: ModelStore, name: string, version: number) {
  return mlError(
    'ml-unknown-version',
    `the model '${name}' has no version ${version}`,
    `There are: ${store.versions(name).join(', ')}.`,
  );
}

/** Names become folders: no separators, no hidden ones. */
function checkedName(name: string): string {
  if (/^[A-Za-z0-9_][\w.-]*$/.test(name)) return name;
  throw mlError(
    'ml-model-name',
    `'${name}' can't be the name of a model`,
    'Use letters, digits, underscores, dots and dashes.',
  );
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
