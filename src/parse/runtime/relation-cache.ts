/** What the warehouse holds, by schema: read once a run, then kept up to date by what the run itself does. */
import type { Adapter, RelationInfo, Session } from '../../adapters/adapter.js';
import { RelationValue } from '../context/relation-value.js';
import { createRelation, type Relation } from '../relation.js';
import type { ParsedProject } from '../state.js';

type Path = { readonly database: string | null; readonly schema: string | null; readonly identifier?: string | null };

export class RelationCache {
  readonly #relations = new Map<string, Promise<Map<string, RelationInfo>>>();
  readonly #schemas = new Map<string, Promise<Set<string>>>();

  constructor(
    readonly parsed: ParsedProject,
    readonly adapter: Adapter,
  ) {}

  #database(path: { readonly database: string | null }): string {
    return path.database ?? this.parsed.adapter.database;
  }

  #schemaKey(path: Path): string {
    return `${this.#database(path)}\u0000${path.schema ?? this.parsed.adapter.schema}`.toLowerCase();
  }

  #load(session: Session, path: Path, fresh = false): Promise<Map<string, RelationInfo>> {
    const key = this.#schemaKey(path);
    let known = fresh ? undefined : this.#relations.get(key);
    if (known === undefined) {
      known = this.adapter
        .listRelations(session, this.#database(path), path.schema ?? this.parsed.adapter.schema)
        .then((list) => new Map(list.map((info) => [(info.identifier ?? '').toLowerCase(), info])));
      known.catch(() => this.#relations.delete(key));
      this.#relations.set(key, known);
    }
    return known;
  }

  #schemaSet(session: Session, database: string): Promise<Set<string>> {
    const key = database.toLowerCase();
    let known = this.#schemas.get(key);
    if (known === undefined) {
      known = this.adapter.listSchemas(session, database).then((list) => new Set(list.map((s) => s.toLowerCase())));
      known.catch(() => this.#schemas.delete(key));
      this.#schemas.set(key, known);
    }
    return known;
  }

  #value(info: RelationInfo): RelationValue {
    const { adapter, project } = this.parsed;
    return new RelationValue(createRelation(info, adapter.dialect, project.config.quoting));
  }

  /** Creates the schemas of `paths` that are not there and reads what all of them hold. */
  async prepare(session: Session, paths: readonly Path[]): Promise<void> {
    const wanted = new Map(paths.filter((p) => p.schema !== null).map((p) => [this.#schemaKey(p), p]));
    for (const path of wanted.values()) {
      const database = this.#database(path);
      const schemas = await this.#schemaSet(session, database);
      const schema = path.schema ?? this.parsed.adapter.schema;
      if (!schemas.has(schema.toLowerCase())) {
        await this.adapter.createSchema(session, database, schema);
        schemas.add(schema.toLowerCase());
      }
      await this.#load(session, path);
    }
  }

  /** The relation at a path with its type, or null. */
  async get(session: Session, path: Path): Promise<RelationValue | null> {
    if (path.identifier === null || path.identifier === undefined) return null;
    const info = (await this.#load(session, path)).get(path.identifier.toLowerCase());
    return info === undefined ? null : this.#value(info);
  }

  async list(
    session: Session,
    database: string | null,
    schema: string | null,
    fresh = false,
  ): Promise<RelationValue[]> {
    return [...(await this.#load(session, { database, schema }, fresh)).values()].map((info) => this.#value(info));
  }

  async schemas(session: Session, database: string | null): Promise<string[]> {
    return [...(await this.#schemaSet(session, this.#database({ database })))];
  }

  async schemaExists(session: Session, database: string | null, schema: string | null): Promise<boolean> {
    return (await this.#schemaSet(session, this.#database({ database }))).has(
      (schema ?? this.parsed.adapter.schema).toLowerCase(),
    );
  }

  schemaAdded(path: Path): void {
    void this.#schemas.get(this.#database(path).toLowerCase())?.then(
      (set) => set.add((path.schema ?? '').toLowerCase()),
      () => undefined,
    );
  }

  schemaDropped(path: Path): void {
    this.#relations.delete(this.#schemaKey(path));
    void this.#schemas.get(this.#database(path).toLowerCase())?.then(
      (set) => set.delete((path.schema ?? '').toLowerCase()),
      () => undefined,
    );
  }

  added(relation: Relation): void {
    if (relation.identifier === null) return;
    const { database, schema, identifier } = relation;
    const info: RelationInfo = {
      database,
      schema,
      identifier,
      type: (relation.type ?? 'table') as RelationInfo['type'],
    };
    void this.#relations.get(this.#schemaKey(relation))?.then(
      (map) => map.set(identifier.toLowerCase(), info),
      () => undefined,
    );
  }

  dropped(relation: Path): void {
    const id = (relation.identifier ?? '').toLowerCase();
    void this.#relations.get(this.#schemaKey(relation))?.then(
      (map) => map.delete(id),
      () => undefined,
    );
  }

  renamed(from: Relation, to: Relation): void {
    this.dropped(from);
    this.added({ ...to, type: to.type ?? from.type });
  }
}
