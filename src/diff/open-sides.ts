/** Finds out what `--left` and `--right` mean and opens what they need. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Adapter, RelationName, Session } from '../adapters/adapter.js';
import { readEarlierManifest } from '../artifacts/read-manifest.js';
import { didYouMean, problem, UpsqlError } from '../diagnostics/index.js';
import { type LoadOptions, loadProject } from '../project/index.js';
import type { Engine } from '../run/engine.js';
import { type OpenedEngine, openEngine } from '../run/open-engine.js';
import { placesOf, type Side } from './side.js';

export interface Sides {
  readonly left: Side;
  readonly right: Side;
  /** Whether one session reads both. */
  readonly together: boolean;
  close(): Promise<void>;
}

export interface OpenSidesOptions {
  /**
   * A target, a schema of the opened target, a folder with a manifest.json, or `env:NAME`, a virtual environment of the opened
   * target. Right: default the opened target.
   */
  readonly left: string;
  readonly right?: string | undefined;
  /** How the project was loaded, to load it again for another target. */
  readonly load: LoadOptions;
  /** Where relative folders start. */
  readonly cwd: string;
  /** Where a virtual environment shows each node. */
  readonly environment: (name: string) => Promise<Side['place']>;
}

type Spec =
  | { readonly kind: 'here'; readonly label: string; readonly place: Side['place'] }
  | { readonly kind: 'target'; readonly label: string; readonly opened: OpenedEngine };

/**
 * Opens both sides. Two DuckDB files are read by one session (`attach`, read-only); where that can't be, each side is read
 * on its own. @throws UpsqlError `unknown-side` for a name that is nothing of the three.
 */
export async function openSides(engine: Engine, options: OpenSidesOptions): Promise<Sides> {
  const session = await engine.adapter.session('diff');
  const closing: (() => Promise<void>)[] = [() => session.close()];
  const close = async (): Promise<void> => {
    for (const end of closing.reverse()) await end();
  };
  try {
    const names = [options.left, options.right ?? engine.project.target.name] as const;
    const specs = [
      await readSpec(names[0], engine, session, options),
      await readSpec(names[1], engine, session, options),
    ] as const;
    const sides: Side[] = [];
    let together = true;
    for (const spec of specs) {
      if (spec.kind === 'here') {
        sides.push({ label: spec.label, adapter: engine.adapter, session, place: spec.place });
        continue;
      }
      const { opened, label } = spec;
      const attached = await attachBeside(session, engine.adapter, opened.engine.adapter);
      if (attached !== undefined) {
        if (attached.alias !== null) closing.push(() => detach(session, attached.alias));
        const move = (name: RelationName) => (attached.alias === null ? name : { ...name, database: attached.alias });
        const place = placesOf(opened.engine.manifest, move);
        sides.push({ label, adapter: engine.adapter, session, place });
        continue;
      }
      together = false;
      await opened.engine.adapter.open();
      closing.push(() => opened.close());
      const own = await opened.engine.adapter.session('diff');
      sides.push({ label, adapter: opened.engine.adapter, session: own, place: placesOf(opened.engine.manifest) });
    }
    const [left, right] = sides;
    if (left === undefined || right === undefined) throw new Error('two sides were asked for');
    return { left, right, together: together || left.session === right.session, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const ENVIRONMENT = /^env:(.*)$/s;

async function readSpec(name: string, engine: Engine, session: Session, options: OpenSidesOptions): Promise<Spec> {
  const { manifest, project, adapter } = engine;
  if (name === project.target.name) return { kind: 'here', label: name, place: placesOf(manifest) };
  const environment = ENVIRONMENT.exec(name)?.[1];
  if (environment !== undefined)
    return { kind: 'here', label: environment, place: await options.environment(environment) };
  const folder = resolve(options.cwd, name);
  if (existsSync(join(folder, 'manifest.json')))
    return { kind: 'here', label: name, place: placesOf(readEarlierManifest(join(folder, 'manifest.json'))) };
  let unknown: UpsqlError;
  try {
    const other = await loadProject({ ...options.load, target: name });
    const opened = await openEngine(other, { warehouse: false, partialParse: false });
    return { kind: 'target', label: name, opened };
  } catch (error) {
    if (!(error instanceof UpsqlError) || error.diagnostics[0]?.code !== 'unknown-target') throw error;
    unknown = error;
  }
  const schemas = await adapter.listSchemas(session, adapter.database);
  const schema = schemas.find((known) => known.toLowerCase() === name.toLowerCase());
  if (schema !== undefined)
    return { kind: 'here', label: name, place: placesOf(manifest, (relation) => ({ ...relation, schema })) };
  const targets = unknown.diagnostics[0]?.hint ?? '';
  throw new UpsqlError(
    problem('unknown-side', `'${name}' is no target, no schema and no folder with a manifest.json`, {
      hint: [
        didYouMean(name, schemas),
        targets,
        `Schemas: ${schemas.join(', ')}.`,
        `A virtual environment is env:${name}.`,
      ]
        .filter(Boolean)
        .join(' '),
    }),
  );
}

/**
 * Lets a session read another DuckDB target: null when it is the same file, else the name of the attached database.
 * Undefined where that can't be: another kind of warehouse, no file, or a view, which names its database by the name that
 * the opened one has.
 */
async function attachBeside(
  session: Session,
  here: Adapter,
  there: Adapter,
): Promise<{ readonly alias: string | null } | undefined> {
  if (here.type !== 'duckdb' || there.type !== 'duckdb') return undefined;
  const [mine, theirs] = [await pathOf(here), await pathOf(there)];
  if (mine === undefined || theirs === undefined) return undefined;
  if (mine === theirs) return { alias: null };
  if (!existsSync(theirs))
    throw new UpsqlError(problem('no-database', `There is no database ${theirs}`, { hint: 'Build the target first.' }));
  const taken = here.database.toLowerCase() === there.database.toLowerCase();
  const alias = taken ? `upsql_${there.database}` : there.database;
  await session.execute(`attach '${theirs.replaceAll("'", "''")}' as ${name(alias)} (read_only)`);
  if (!taken || (await viewsIn(session, alias)) === 0) return { alias };
  await detach(session, alias);
  return undefined;
}

async function pathOf(adapter: Adapter): Promise<string | undefined> {
  const path = (await adapter.describe()).find(([fact]) => fact === 'path')?.[1];
  return path === undefined || path === ':memory:' || /^[A-Za-z][\w+.-]+:/.test(path) ? undefined : path;
}

async function viewsIn(session: Session, database: string): Promise<number> {
  const sql = 'select count(*) from duckdb_views() where database_name = ? and not internal';
  return Number((await session.execute(sql, { parameters: [database] })).rows[0]?.[0] ?? 0);
}

async function detach(session: Session, alias: string | null): Promise<void> {
  if (alias !== null) await session.execute(`detach ${name(alias)}`);
}

const name = (text: string): string => `"${text.replaceAll('"', '""')}"`;
