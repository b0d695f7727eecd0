/** Tarballs of packages, which come from strangers: nothing in them may reach outside the folder they are unpacked to. */
import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { problem, UpsqlError } from '../diagnostics/index.js';
import { PROJECT_FILE } from '../project/project-file.js';
import { isDiskFault } from './disk-fault.js';
import { Failed } from './http.js';

const MOST_ENTRIES = 200_000;
const MOST_BYTES = 2 * 2 ** 30;
const KINDS = new Set(['File', 'OldFile', 'ContiguousFile', 'Directory', 'SymbolicLink', 'Link']);

/**
 * Unpacks a (gzipped) tarball into the new folder `into` and gives the path of the one package folder in it.
 * Throws UpsqlError `unsafe-tarball` for entries that leave the folder, links that do, devices, and more than 200,000
 * entries or 2 GiB, before anything is written; `invalid-tarball` where it holds no package; Failed where it is cut off
 * or no tarball at all.
 */
export async function unpack(file: string, into: string, name: string): Promise<string> {
  const tar = await import('tar');
  let entries = 0;
  let bytes = 0;
  let fault: string | undefined;
  const reading = { file, strict: true, maxDecompressionRatio: Number.POSITIVE_INFINITY };
  await readable(() =>
    tar.list({
      ...reading,
      onReadEntry: (entry) => {
        entries += 1;
        bytes += entry.size;
        fault ??= faultOf(entry.path, entry.type, entry.linkpath);
        if (entries > MOST_ENTRIES) fault ??= `it holds more than ${MOST_ENTRIES} entries`;
        if (bytes > MOST_BYTES) fault ??= 'it unpacks to more than 2 GiB';
      },
    }),
  );
  if (fault !== undefined) throw unsafe(name, fault);
  if (entries === 0) throw new Failed('it is empty');
  await mkdir(into, { recursive: true });
  await readable(() => tar.extract({ ...reading, cwd: into, preserveOwner: false, noMtime: true }));
  const [top, ...others] = readdirSync(into);
  const folder = path.join(into, top ?? '');
  if (top === undefined || others.length > 0 || !existsSync(path.join(folder, PROJECT_FILE)))
    throw new UpsqlError(
      problem(
        'invalid-tarball',
        `The tarball of ${name} is no package: it must hold one folder, with ${PROJECT_FILE} in it`,
        {
          hint: `Pack it with: tar czf ${name.replace(/^.*\//, '')}.tar.gz the_package_folder`,
        },
      ),
    );
  const stray = strayLink(folder);
  if (stray !== undefined) throw unsafe(name, `the link '${stray}' leads outside`);
  return folder;
}

function unsafe(name: string, fault: string): UpsqlError {
  return new UpsqlError(
    problem('unsafe-tarball', `The tarball of ${name} is not unpacked: ${fault}`, {
      hint: 'No package needs this. Ask its author, or use another source.',
    }),
  );
}

/** A link in `folder` that leads out of it, by way of other links perhaps, which no single entry shows. */
function strayLink(folder: string): string | undefined {
  const top = realpathSync(folder);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((entry) => {
    const link = path.join(folder, entry);
    if (!lstatSync(link).isSymbolicLink()) return false;
    let target = path.resolve(realpathSync(path.dirname(link)), readlinkSync(link));
    if (existsSync(link)) target = realpathSync(link);
    return target !== top && !target.startsWith(top + path.sep);
  });
}

async function readable<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UpsqlError || isDiskFault(error)) throw error;
    throw new Failed('it is no readable tarball (cut off, or something else)');
  }
}

/** What is wrong with an entry. */
function faultOf(entry: string, type: string, link: string | undefined): string | undefined {
  if (!KINDS.has(type)) return `'${entry}' is neither file, folder nor link (${type})`;
  if (leaves(entry)) return `'${entry}' would be written outside its folder`;
  if (link === undefined || link === '') return undefined;
  // A hard link's target counts from the top, a symbolic link's from where it stands.
  const target = type === 'Link' ? link : path.posix.join(path.posix.dirname(entry), link);
  const absolute = path.posix.isAbsolute(link) || path.win32.isAbsolute(link);
  return absolute || leaves(target) ? `the link '${entry}' leads outside, to '${link}'` : undefined;
}

function leaves(entry: string): boolean {
  const normal = path.posix.normalize(entry.replaceAll('\\', '/'));
  return normal.startsWith('../') || normal === '..' || path.posix.isAbsolute(normal) || /^[a-zA-Z]:/.test(entry);
}
