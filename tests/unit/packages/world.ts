import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { main } from '../../../src/cli/main.js';
import { tarball } from './tarball.js';

type Files = Readonly<Record<string, string>>;

interface WorldFile {
  readonly hub: Readonly<
    Record<string, Readonly<Record<string, { name?: string; packages?: unknown[]; require_dbt_version?: unknown }>>>
  >;
  readonly repositories: Readonly<
    Record<string, readonly { readonly files: Files; readonly tags?: string[]; readonly branches?: string[] }[]>
  >;
  readonly folders: Files;
  readonly environment: Readonly<Record<string, string>>;
  readonly cases: Readonly<Record<string, string | { packages?: string; dependencies?: string; args?: string[] }>>;
}

export const worldFile = parse(readFileSync(new URL('./fixtures/world.yml', import.meta.url), 'utf8'), {
  version: '1.1',
}) as WorldFile;

/** How the hub answers a path, before anything else; undefined leaves it to the hub. */
export type Answer = (
  path: string,
) => { readonly status: number; readonly body?: string | Buffer } | 'hang up' | 'wait' | undefined;

export interface World {
  readonly top: string;
  readonly hubUrl: string;
  /** All paths that were asked for. */
  readonly asked: string[];
  answer: Answer;
  /** A project's folder beside the folders of the world. */
  project(name: string, files: Files): string;
  deps(root: string, args?: readonly string[], more?: Readonly<Record<string, string>>): Promise<Ran>;
  /** What `git` runs with. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export interface Ran {
  readonly code: number;
  readonly text: string;
}

const WHO = {
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_AUTHOR_DATE: '2024-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.com',
  GIT_COMMITTER_DATE: '2024-01-01T00:00:00Z',
};

export function git(folder: string, ...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: folder, env: { ...process.env, ...WHO }, encoding: 'utf8' }).trim();
}

export function writeFiles(folder: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** The folders, repositories and hub of fixtures/world.yml, in a folder of their own and on 127.0.0.1. */
export async function openWorld(): Promise<World> {
  const top = mkdtempSync(join(tmpdir(), 'upsql-world-'));
  writeFiles(top, worldFile.folders);
  for (const [name, commits] of Object.entries(worldFile.repositories)) {
    const folder = join(top, 'git', `${name}.git`);
    mkdirSync(folder, { recursive: true });
    git(folder, 'init', '-q', '-b', 'main');
    for (const commit of commits) {
      writeFiles(folder, commit.files);
      git(folder, 'add', '.');
      git(folder, 'commit', '-q', '-m', 'x');
      for (const tag of commit.tags ?? []) git(folder, 'tag', tag);
      for (const branch of commit.branches ?? []) git(folder, 'branch', branch);
    }
    symlinkSync(folder, join(top, 'git', name));
  }
  const asked: string[] = [];
  const world = { answer: (() => undefined) as Answer };
  const server = await listen((path) => {
    asked.push(path);
    return world.answer(path) ?? hubAnswer(path, hubUrl);
  });
  const hubUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const folder = `${pathToFileURL(join(top, 'git')).href}/`;
  const token = worldFile.environment.DBT_ENV_SECRET_TOKEN ?? '';
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: top,
    ...worldFile.environment,
    DBT_PACKAGE_HUB_URL: hubUrl,
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: `url.${folder}.insteadOf`,
    GIT_CONFIG_VALUE_0: 'https://git.example/',
    GIT_CONFIG_KEY_1: `url.${folder}.insteadOf`,
    GIT_CONFIG_VALUE_1: `https://${token}@git.example/`,
  };
  return Object.assign(world, {
    top,
    hubUrl,
    asked,
    env,
    project(name: string, files: Files): string {
      const root = join(top, name);
      writeFiles(root, { 'dbt_project.yml': 'name: shop\n', ...files });
      return root;
    },
    deps: (root: string, args: readonly string[] = [], more: Readonly<Record<string, string>> = {}) =>
      run(root, ['deps', ...args], { ...env, ...more }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

/** Runs a command line in this process. */
export async function run(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Ran> {
  let text = '';
  const stream = { write: (part: string) => (text += part) };
  const code = await main(args, { stdout: stream, stderr: stream, env, cwd }, signal);
  return { code, text };
}

type Reply = Exclude<ReturnType<Answer>, undefined>;

async function listen(reply: (path: string) => Reply): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = reply(decodeURIComponent(request.url ?? '/').slice(1));
    if (answer === 'wait') return;
    if (answer === 'hang up') request.socket.destroy();
    else response.writeHead(answer.status, { connection: 'close' }).end(answer.body ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function hubAnswer(path: string, hubUrl: string): Reply {
  if (path === 'api/v1/index.json') return json(Object.keys(worldFile.hub));
  const described = /^api\/v1\/(.+)\.json$/.exec(path)?.[1] ?? '';
  const versions = worldFile.hub[described];
  if (versions !== undefined) {
    const [namespace = '', name = ''] = described.split('/');
    const entries = Object.entries(versions).map(([version, more]) => [
      version,
      {
        packages: [],
        ...more,
        name: more.name ?? name,
        downloads: { tarball: `${hubUrl}tarballs/${described}/${version}.tar.gz` },
      },
    ]);
    return json({ name, namespace, versions: Object.fromEntries(entries) });
  }
  const [, of = '', version = ''] = /^tarballs\/(.+)\/(.+)\.tar\.gz$/.exec(path) ?? [];
  const entry = worldFile.hub[of]?.[version];
  if (entry === undefined) return { status: 404 };
  const name = of.split('/')[1] ?? '';
  const top = `${name}-${version}`;
  const body = tarball([
    { path: `${top}/dbt_project.yml`, text: `name: ${entry.name ?? name}\n` },
    { path: `${top}/models/m.sql`, text: `select '${version}'` },
  ]);
  return { status: 200, body: gzipSync(body) };
}

function json(value: unknown): Reply {
  return { status: 200, body: JSON.stringify(value) };
}
