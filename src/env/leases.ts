/**
 * Who is changing environments now. A build holds its environment, alone; promote, drop and prune hold everything, alone. A lease
 * of a process that is gone ends at once on its own machine, elsewhere when it has not been renewed for two minutes.
 */
import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { problem, UpsqlError } from '../diagnostics/index.js';
import type { Production, StateStore } from './state.js';

interface Holder {
  /** `build`, with the environment ('' is production), or a command that needs everything. */
  readonly work: 'build' | 'promote' | 'drop' | 'prune';
  readonly environment: string;
  readonly who: string;
  readonly host: string;
  readonly pid: number;
  /** ISO, in UTC. */
  readonly since: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
  /** Versions that it is building: ids of `versionId`. Of production: the keys of plain relations, by node. */
  readonly versions: readonly string[];
  readonly plain: Readonly<Record<string, string>>;
}

type Leases = Readonly<Record<string, Holder>>;

/** Milliseconds. */
const LEASE = 120_000;
const RENEWAL = 30_000;

export interface Lease {
  /** Notes what is going to be built. @throws UpsqlError when another build is building one of the versions. */
  claim(versions: readonly string[], plain?: Readonly<Record<string, string>>): Promise<void>;
  release(): Promise<void>;
}

/** @throws UpsqlError `environments-busy` when others hold what is needed; nothing is waited for. */
export async function takeLease(store: StateStore, work: Holder['work'], environment: string): Promise<Lease> {
  const id = randomUUID();
  const own: Holder = {
    work,
    environment,
    who: whoAmI(),
    host: hostname(),
    pid: process.pid,
    since: new Date().toISOString(),
    expires: Date.now() + LEASE,
    versions: [],
    plain: {},
  };
  const dead: Holder[] = [];
  await store.update<Leases>('leases', '', (before = {}) => {
    dead.length = 0;
    const live = Object.entries(before).filter(([, holder]) => isAlive(holder) || !dead.push(holder));
    for (const [, holder] of live) {
      if (work !== 'build' || holder.work !== 'build') throw busy(own, holder);
      if (holder.environment === environment) throw busy(own, holder);
    }
    return { ...Object.fromEntries(live), [id]: own };
  });
  let held: Holder = own;
  const write = (change: (holder: Holder) => Holder): Promise<unknown> =>
    store.update<Leases>('leases', '', (before = {}) => {
      held = { ...change(held), expires: Date.now() + LEASE };
      return { ...before, [id]: held };
    });
  // A build that was killed may have made a plain relation of production from something else than the state says.
  await forgetUnsure(store, dead);
  const renewal = setInterval(() => {
    if (!store.session.inTransaction) void write((holder) => holder).catch(() => undefined);
  }, RENEWAL);
  renewal.unref();
  return {
    async claim(versions, plain = {}) {
      const wanted = new Set(versions);
      await store.update<Leases>('leases', '', (before = {}) => {
        for (const [other, holder] of Object.entries(before)) {
          const shared = holder.versions.find((version) => wanted.has(version));
          if (other !== id && shared !== undefined && isAlive(holder)) throw sameVersion(shared, holder);
        }
        held = { ...held, versions, plain, expires: Date.now() + LEASE };
        return { ...before, [id]: held };
      });
    },
    async release() {
      clearInterval(renewal);
      await store.update<Leases>('leases', '', (before = {}) => {
        const { [id]: _, ...others } = before;
        return others;
      });
    },
  };
}

/** Keys of the plain relations of production that are being built now, by node. */
export async function plainUnderWay(store: StateStore): Promise<Readonly<Record<string, string>>> {
  const holders = Object.values((await store.leases<Leases>()) ?? {}).filter(isAlive);
  return Object.assign({}, ...holders.map(({ plain }) => plain));
}

async function forgetUnsure(store: StateStore, dead: readonly Holder[]): Promise<void> {
  const begun = dead.flatMap(({ plain }) => Object.entries(plain));
  if (begun.length === 0) return;
  await store.update<Production>('production', '', (before = { nodes: {} }) => {
    const nodes = { ...before.nodes };
    for (const [id, key] of begun) {
      const node = nodes[id];
      if (node !== undefined && node.key !== key) nodes[id] = { ...node, key: null };
    }
    return { ...before, nodes };
  });
}

function isAlive({ host, pid, expires }: Holder): boolean {
  if (host !== hostname()) return expires > Date.now();
  try {
    process.kill(pid, 0);
    return expires > Date.now();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' && expires > Date.now();
  }
}

function whoAmI(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? '?'}`;
  }
}

function told({ work, environment, who, host, pid, since }: Holder): string {
  const what = work === 'build' ? `a build of ${environment === '' ? 'production' : environment}` : `env ${work}`;
  return `${what} by ${who}@${host} (process ${pid}, since ${since.slice(0, 19)}Z)`;
}

function busy(own: Holder, holder: Holder): UpsqlError {
  const what =
    own.work === 'build' ? (own.environment === '' ? 'build of production' : own.environment) : `env ${own.work}`;
  return new UpsqlError(
    problem('environments-busy', `${what} has to wait: there is ${told(holder)}`, {
      hint: 'Run it again when that has ended. If its process was killed on another machine, it counts as ended after two minutes.',
    }),
    1,
  );
}

function sameVersion(version: string, holder: Holder): UpsqlError {
  const node = version.split(' ')[0]?.split('.').slice(2).join('.');
  return new UpsqlError(
    problem('environments-busy', `The same version of ${node} is being built in ${told(holder)}`, {
      hint: 'Run it again when that has ended: what it has built is then reused.',
    }),
    1,
  );
}
