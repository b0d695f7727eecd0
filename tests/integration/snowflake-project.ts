import type { YamlMap } from '../../src/project/project.js';
import type { Logged, StandIn } from '../stand-ins/snowflake/stand-in.js';
import { startUpsql } from '../unit/cli/compiled-bin.js';
import { makeProject, type Ran, type TestProject } from './test-project.js';

export interface SnowflakeProject extends TestProject {
  /** Runs upsql and gives what it sent, by the node that the statement's comment names (`''` for none). */
  sent(
    ...args: string[]
  ): Promise<{ readonly ran: Ran; readonly byNode: ReadonlyMap<string, string[]>; readonly all: Logged[] }>;
}

/** The text of a statement without the comment that the engine puts in front, on one line. */
export function bare(sql: string): string {
  return sql
    .replace(/\s*\/\*(?:(?!\*\/).)*\*\/\s*$/s, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\( /g, '(')
    .replaceAll(/ \)/g, ')')
    .trim();
}

/** The node that a statement's comment names; undefined for one without a comment. */
function nodeOf(sql: string): string | undefined {
  if (!sql.endsWith('*/')) return undefined;
  const id = /"node_id": "([^"]+)"/.exec(sql)?.[1] ?? '';
  return id
    .split('.')
    .slice(2)
    .join('.')
    .replace(/\.[0-9a-f]{10}$/, '');
}

/** Statements that Snowflake would likely not understand; the stand-in has let them fail as well. */
export function unreadable(statements: readonly Logged[]): string[] {
  return statements.flatMap(({ sql, reading }) => (['ok', 'kept'].includes(reading) ? [] : [`${reading}\n${sql}`]));
}

/** Runs upsql while servers of this process go on answering. */
async function running(dir: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  const child = startUpsql(dir, args, { HOME: dir, ...env });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (piece) => {
    stdout += piece;
  });
  child.stderr.on('data', (piece) => {
    stderr += piece;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr, text: stdout + stderr };
}

/** `env` is for the runs of `sent`. */
export function snowflakeProject(
  standIn: StandIn,
  files: Readonly<Record<string, string>>,
  overrides: YamlMap = {},
  threads = 1,
  env: Readonly<Record<string, string>> = {},
): SnowflakeProject {
  const output = { type: 'snowflake', threads, ...standIn.profile(overrides) };
  const profiles = { shop: { target: 'snowflake', outputs: { snowflake: output } } };
  const project = makeProject({ 'profiles.yml': JSON.stringify(profiles), ...files });
  return {
    ...project,
    async sent(...args) {
      await standIn.log(true);
      const ran = await running(project.dir, args, env);
      const { statements } = await standIn.log(true);
      const byNode = new Map<string, string[]>();
      const last = new Map<number, string>();
      statements.forEach(({ sql, session }, i) => {
        // Of several statements in one text, the first one has the comment; `describe` comes before what it is for.
        const next = statements.slice(i).find((one) => one.session === session && nodeOf(one.sql) !== undefined);
        const described = /^describe/i.test(sql) && next !== undefined ? nodeOf(next.sql) : undefined;
        const node = nodeOf(sql) ?? described ?? last.get(session) ?? '';
        last.set(session, node);
        byNode.set(node, [...(byNode.get(node) ?? []), bare(sql)]);
      });
      return { ran, byNode, all: statements };
    },
  };
}
