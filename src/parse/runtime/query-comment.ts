/** `query-comment` of dbt_project.yml: a text that statements carry into the warehouse's query history. */
import { DatabaseError, type QueryOptions, type QueryResult, type Session } from '../../adapters/adapter.js';
import { problem, UpsqlError } from '../../diagnostics/index.js';
import { MacroTemplate, str } from '../../jinja/index.js';
import { namedNode } from '../context/model-value.js';
import type { NodeScope } from '../context/scopes.js';
import type { Node } from '../node.js';
import type { ParsedProject } from '../state.js';

/** Warehouses that keep a history of queries get this where the project says nothing. */
const DEFAULT =
  "{{ return(tojson({'app': 'upsql', 'dbt_version': dbt_version, 'profile_name': target.profile_name, 'target_name': target.target_name, 'node_id': node.unique_id if node is not none else none})) }}";

interface Comment {
  readonly text: string;
  readonly append: boolean;
}

const NONE: Comment = { text: '', append: false };

export class QueryComments {
  readonly #template: MacroTemplate | null;
  readonly #append: boolean;
  readonly #made = new Map<string, Promise<Comment>>();

  /** `type`: of the warehouse that the statements go to. */
  constructor(
    readonly parsed: ParsedProject,
    type: string = parsed.adapter.type,
  ) {
    const { text, append } = configured(parsed, type);
    this.#append = append;
    this.#template =
      text.trim() === ''
        ? null
        : MacroTemplate.parse({
            text: `{%- macro query_comment_macro(connection_name, node) -%}\n${text}\n{% endmacro %}`,
            file: 'query-comment',
          });
  }

  /** Renders a node's comment, or that of statements that serve no node. @throws UpsqlError when it can't stand in SQL. */
  of(node: Node | null, scope: () => NodeScope): Promise<Comment> {
    if (this.#template === null) return Promise.resolve(NONE);
    const key = node?.unique_id ?? '';
    let made = this.#made.get(key);
    if (made === undefined) {
      made = this.#render(this.#template, node, scope());
      this.#made.set(key, made);
    }
    return made;
  }

  async #render(template: MacroTemplate, node: Node | null, scope: NodeScope): Promise<Comment> {
    const positional = [node?.unique_id ?? 'master', node === null ? null : namedNode(this.parsed, node)];
    const text = str(await template.bind(scope, 'async').call({ positional, named: new Map() })).trim();
    if (text.includes('*/')) {
      const message = `query-comment gives ${JSON.stringify(text)}: '*/' would end the comment in the statement.`;
      throw new UpsqlError(problem('query-comment', message), 2);
    }
    return { text, append: this.#append };
  }
}

function configured(parsed: ParsedProject, type: string): { text: string; append: boolean } {
  const given = parsed.project.config.queryComment;
  // Snowflake's history drops comments in front of statements.
  const isSnowflake = type === 'snowflake';
  if (given === undefined) return { text: isSnowflake ? DEFAULT : '', append: isSnowflake };
  if (typeof given !== 'object' || given === null)
    return { text: typeof given === 'string' ? given : '', append: isSnowflake };
  const { comment = DEFAULT, append = isSnowflake } = given as { comment?: string | null; append?: boolean };
  return { text: comment ?? '', append };
}

/** A text with its comment. */
function withComment(sql: string, { text, append }: Comment): string {
  if (text === '') return sql;
  return append ? sql.replace(/;?\s*$/, '') + behind(text) : `/* ${text} */\n${sql}`;
}

function behind(text: string): string {
  return text === '' ? '' : `\n/* ${text} */`;
}

/** A session whose statements carry a comment; `tell` gets each statement as it is sent. */
export function commentedSession(
  session: Session,
  comment: () => Promise<Comment>,
  tell: (sql: string) => void,
): Session {
  return {
    name: session.name,
    get inTransaction() {
      return session.inTransaction;
    },
    async execute(sql: string, options?: QueryOptions): Promise<QueryResult> {
      const made = await comment();
      const sent = withComment(sql, made);
      tell(sent);
      try {
        return await session.execute(sent, options);
      } catch (error) {
        throw made.append ? error : withoutLead(error, sent.slice(0, sent.length - sql.length));
      }
    },
    columns: async (sql) => session.columns(withComment(sql, await comment())),
    async *stream(sql, options) {
      yield* session.stream(withComment(sql, await comment()), options);
    },
    load: async (load) => session.load(load, behind((await comment()).text)),
    append:
      session.append === undefined
        ? undefined
        : async (table, rows) => session.append?.(table, rows, behind((await comment()).text)),
    begin: () => session.begin(),
    commit: () => session.commit(),
    rollback: () => session.rollback(),
    cancel: () => session.cancel(),
    close: () => session.close(),
  };
}

/** Places are told in the statement without the comment. */
function withoutLead(error: unknown, lead: string): unknown {
  if (lead === '' || !(error instanceof DatabaseError) || !error.sql.startsWith(lead)) return error;
  const offset = error.offset === undefined ? undefined : Math.max(0, error.offset - lead.length);
  return new DatabaseError(error.message, error.sql.slice(lead.length), error.kind, offset);
}
