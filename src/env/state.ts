/**
 * What environments there are and what they show, kept in the warehouse: three small tables in upsql's own schema. Documents
 * are JSON with a revision, so that two writers can't overwrite each other; versions and checks are facts, only ever added or
 * deleted.
 */
import { DatabaseError, type Session } from '../adapters/adapter.js';
import { problem, UpsqlError } from '../diagnostics/index.js';
import type { Parts } from '../plan/fingerprint.js';
import type { Engine } from '../run/engine.js';
import { ownSchema, type Place, render } from './names.js';

/** A content of a node that has a relation of its own. */
export interface Version {
  readonly node: string;
  /** `Parts.version`; of a preview, that of the environment too. */
  readonly key: string;
  readonly place: Place;
  /** Of a view: what it reads, which has to stay. */
  readonly reads: readonly Place[];
  /** ISO, in UTC. */
  readonly builtAt: string;
}

/** What production has of a node. */
export interface ProductionNode {
  /** Null when it is not known from what it was built. */
  readonly key: string | null;
  readonly parts: Parts | null;
  /** The name by which others query it. */
  readonly name: Place;
  /** Where its rows are: `name` itself, or a version that `name` is a view on. */
  readonly place: Place;
  readonly builtAt: string;
}

export interface Production {
  readonly nodes: Readonly<Record<string, ProductionNode>>;
  /** A promotion that had begun, where DDL can't be taken back: it is finished before anything else is done. */
  readonly intent?: Promotion | undefined;
  /** Plain relations that promotions have put aside. */
  readonly kept?: readonly Place[] | undefined;
}

export interface PromotionStep {
  readonly node: string;
  readonly name: Place;
  readonly place: Place;
  /** Where a plain relation of that name goes, so that nothing is lost. */
  readonly keep: Place | null;
  /** What is put aside is a view, which reads whatever has the names in it. */
  readonly keepsView: boolean;
  /** Who may read the relation now, and who may read the version. */
  readonly readers: readonly string[];
  readonly key: string;
}

export interface Promotion {
  readonly environment: string;
  readonly steps: readonly PromotionStep[];
}

/** What an environment shows of a node. */
export interface EnvironmentNode {
  readonly key: string | null;
  /** The environment's view. */
  readonly name: Place;
  /** What the view shows. */
  readonly place: Place;
  /** Production's name of it. */
  readonly production: Place;
  /** `production`: what production has, or had when the environment was built; `version`: a content of its own; `preview`: a copy of a history, never promoted. */
  readonly from: 'production' | 'version' | 'preview';
  /** The key that production had when the environment was built; null when production had none. */
  readonly base: string | null;
}

export interface Environment {
  readonly name: string;
  readonly createdAt: string;
  readonly builtAt: string;
  readonly nodes: Readonly<Record<string, EnvironmentNode>>;
  /** False from the start of a build to its end. */
  readonly settled: boolean;
  /** Nodes whose content in the project has not been built. */
  readonly pending: readonly string[];
  /** Tests that failed last. */
  readonly failed: readonly string[];
  /** Rows of failed tests that were kept. */
  readonly extras: readonly Place[];
}

export type Kind = 'environment' | 'production' | 'leases';

/** A row of no project, that is there before all others. */
const ROOT =
  "select cast('' as varchar) as project, cast('root' as varchar) as kind, cast('' as varchar) as name, cast(1 as integer) as revision, cast('' as varchar) as body";

/** Rows of one insert. */
const BATCH = 200;
const ATTEMPTS = 20;

export class StateStore {
  readonly #project: string;
  readonly #tables: { readonly documents: string; readonly versions: string; readonly checks: string };

  constructor(
    readonly engine: Engine,
    readonly session: Session,
  ) {
    this.#project = engine.manifest.metadata.project_name ?? engine.project.config.name;
    const table = (identifier: string): string =>
      render(engine, { database: engine.adapter.database, schema: ownSchema(engine), identifier });
    this.#tables = { documents: table('state'), versions: table('versions'), checks: table('checks') };
  }

  /** Whether there is a state; asks the warehouse for its schemas. */
  async exists(): Promise<boolean> {
    const { adapter } = this.engine;
    const wanted = ownSchema(this.engine).toLowerCase();
    const schemas = await adapter.listSchemas(this.session, adapter.database);
    return schemas.some((schema) => schema.toLowerCase() === wanted);
  }

  /** Makes the schema and its tables, unless they are there. */
  async create(): Promise<void> {
    const { adapter } = this.engine;
    const { documents, versions, checks } = this.#tables;
    await adapter.createSchema(this.session, adapter.database, ownSchema(this.engine));
    for (const sql of [
      // With its first row, which `#add` needs, in one step.
      `create table if not exists ${documents} as ${ROOT}`,
      `create table if not exists ${versions} (project varchar, node varchar, version varchar, body varchar)`,
      `create table if not exists ${checks} (project varchar, check_key varchar, passed_at varchar)`,
    ])
      await this.session.execute(sql, { fetch: false });
  }

  async #read<T>(kind: Kind, name: string): Promise<{ readonly revision: number; readonly value: T } | undefined> {
    const { rows } = await this.session.execute(
      `select revision, body from ${this.#tables.documents} where project = ? and kind = ? and name = ?`,
      { parameters: [this.#project, kind, name] },
    );
    const [revision, body] = rows[0] ?? [];
    return body === undefined ? undefined : { revision: Number(revision), value: parse<T>(String(body), kind, name) };
  }

  /** Changes a document in one step; `change` may be called again when another writer was faster. */
  async update<T>(kind: Kind, name: string, change: (before: T | undefined) => T | Promise<T>): Promise<T> {
    const { documents } = this.#tables;
    for (let attempt = 1; ; attempt++) {
      const before = await this.#read<T>(kind, name);
      const next = await change(before?.value);
      const body = JSON.stringify(next);
      try {
        const written =
          before === undefined
            ? await this.#add(kind, name, body)
            : await this.#change(
                `update ${documents} set body = ?, revision = revision + 1 where project = ? and kind = ? and name = ? and revision = ?`,
                [body, this.#project, kind, name, before.revision],
              );
        if (written) return next;
      } catch (error) {
        if (!(error instanceof DatabaseError && error.kind === 'conflict') || this.session.inTransaction) throw error;
      }
      if (attempt === ATTEMPTS)
        throw new UpsqlError(
          problem('state-busy', `The state of environments (${documents}) is being changed by others all the time`, {
            hint: 'Run the command again in a moment.',
          }),
          1,
        );
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 50 * attempt));
    }
  }

  async #change(sql: string, parameters: readonly (string | number)[] = []): Promise<boolean> {
    return (await this.session.execute(sql, { parameters })).rowsAffected !== 0;
  }

  /**
   * Adds a document; false when it is there already. Whoever adds one changes the root row first: of two at once the second then
   * fails, or waits and finds what the first has added. No warehouse would keep two rows of one name apart by itself.
   */
  async #add(kind: Kind, name: string, body: string): Promise<boolean> {
    const { session } = this;
    const { documents } = this.#tables;
    const own = !session.inTransaction;
    if (own) await session.begin();
    try {
      const found = await this.#change(`update ${documents} set revision = revision + 1 where kind = 'root'`);
      if (!found) await this.#change(`insert into ${documents} ${ROOT}`);
      const added = await this.#change(
        `insert into ${documents} select ?, ?, ?, 1, ? where not exists (select 1 from ${documents} where project = ? and kind = ? and name = ?)`,
        [this.#project, kind, name, body, this.#project, kind, name],
      );
      if (own) await session.commit();
      return added;
    } catch (error) {
      if (own) await session.rollback();
      throw error;
    }
  }

  async production(): Promise<Production> {
    return (await this.#read<Production>('production', ''))?.value ?? { nodes: {} };
  }

  async leases<T>(): Promise<T | undefined> {
    return (await this.#read<T>('leases', ''))?.value;
  }

  async environment(name: string): Promise<Environment | undefined> {
    return (await this.#read<Environment>('environment', name))?.value;
  }

  async environments(): Promise<readonly Environment[]> {
    const { rows } = await this.session.execute(
      `select name, body from ${this.#tables.documents} where project = ? and kind = 'environment' order by name`,
      { parameters: [this.#project] },
    );
    return rows.map(([name, body]) => parse<Environment>(String(body), 'environment', String(name)));
  }

  async forget(kind: Kind, name: string): Promise<void> {
    await this.session.execute(`delete from ${this.#tables.documents} where project = ? and kind = ? and name = ?`, {
      parameters: [this.#project, kind, name],
    });
  }

  /** Versions that have been built, by node and key (`versionId`). */
  async versions(): Promise<ReadonlyMap<string, Version>> {
    const { rows } = await this.session.execute(`select body from ${this.#tables.versions} where project = ?`, {
      parameters: [this.#project],
    });
    const all = rows.map(([body]) => parse<Version>(String(body), 'version', ''));
    return new Map(all.map((version) => [versionId(version.node, version.key), version]));
  }

  /** Places of the versions of all projects that share the state. */
  async allPlaces(): Promise<readonly Place[]> {
    const { rows } = await this.session.execute(`select body from ${this.#tables.versions}`);
    return rows.map(([body]) => parse<Version>(String(body), 'version', '').place);
  }

  async addVersions(versions: readonly Version[]): Promise<void> {
    await this.removeVersions(versions);
    const rows = versions.map((version) => [this.#project, version.node, version.key, JSON.stringify(version)]);
    await this.#insert(this.#tables.versions, rows);
  }

  async removeVersions(versions: readonly Pick<Version, 'node' | 'key'>[]): Promise<void> {
    for (let i = 0; i < versions.length; i += BATCH) {
      const part = versions.slice(i, i + BATCH);
      const pairs = part.map(() => '(node = ? and version = ?)').join(' or ');
      await this.session.execute(`delete from ${this.#tables.versions} where project = ? and (${pairs})`, {
        parameters: [this.#project, ...part.flatMap(({ node, key }) => [node, key])],
      });
    }
  }

  /** Keys of tests that have passed. */
  async checks(): Promise<ReadonlySet<string>> {
    const { rows } = await this.session.execute(`select check_key from ${this.#tables.checks} where project = ?`, {
      parameters: [this.#project],
    });
    return new Set(rows.map(([key]) => String(key)));
  }

  async addChecks(keys: readonly string[]): Promise<void> {
    const at = new Date().toISOString();
    await this.#insert(
      this.#tables.checks,
      keys.map((key) => [this.#project, key, at]),
    );
  }

  async #insert(table: string, rows: readonly (readonly string[])[]): Promise<void> {
    for (let i = 0; i < rows.length; i += BATCH) {
      const part = rows.slice(i, i + BATCH);
      const values = part.map((row) => `(${row.map(() => '?').join(', ')})`).join(', ');
      await this.session.execute(`insert into ${table} values ${values}`, { parameters: part.flat() });
    }
  }
}

export const versionId = (node: string, key: string): string => `${node} ${key}`;

function parse<T>(body: string, kind: string, name: string): T {
  try {
    return JSON.parse(body) as T;
  } catch (error) {
    const what = [kind, name].filter(Boolean).join(' ');
    throw new UpsqlError(
      problem('damaged-state', `The state of environments can't be read (${what})`, {
        hint: 'It is in the schema that ends in __upsql, and was changed by something else than upsql.',
      }),
      1,
      error,
    );
  }
}
