/** The files of a package by what they are for. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Package } from '../project/index.js';

export type FileKind =
  | 'models'
  | 'seeds'
  | 'snapshots'
  | 'tests'
  | 'generic-tests'
  | 'macros'
  | 'analyses'
  | 'properties'
  | 'docs';

export interface FoundFile {
  readonly kind: FileKind;
  readonly packageName: string;
  readonly absolutePath: string;
  /** Relative to the folder searched, with `/`. */
  readonly path: string;
  /** Relative to the package root, with `/`. */
  readonly originalFilePath: string;
}

function walk(root: string, folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
  return names.map((n) => n.replaceAll('\\', '/')).sort();
}

function kindOf(section: FileKind, path: string): FileKind | undefined {
  const extension = /\.[^./]+$/.exec(path)?.[0].toLowerCase();
  if (extension === '.yml' || extension === '.yaml') return 'properties';
  if (extension === '.md') return 'docs';
  switch (section) {
    case 'models':
      if (path.endsWith('.d.ts')) return undefined;
      return extension === '.sql' || extension === '.ts' || extension === '.py' ? 'models' : undefined;
    case 'seeds':
      return extension === '.csv' ? 'seeds' : undefined;
    case 'tests':
      if (extension !== '.sql') return undefined;
      return path.startsWith('generic/') ? 'generic-tests' : 'tests';
    default:
      return extension === '.sql' ? section : undefined;
  }
}

export function findSourceFiles(owner: Package): FoundFile[] {
  const { config } = owner;
  const sections: [FileKind, readonly string[]][] = [
    ['models', config.modelPaths],
    ['snapshots', config.snapshotPaths],
    ['analyses', config.analysisPaths],
    ['tests', config.testPaths],
    ['seeds', config.seedPaths],
    ['macros', config.macroPaths],
  ];
  const found = new Map<string, FoundFile>();
  for (const [section, folders] of sections) {
    for (const folder of folders) {
      for (const path of walk(owner.root, folder)) {
        const kind = kindOf(section, path);
        const originalFilePath = `${folder}/${path}`;
        if (kind === undefined || found.has(originalFilePath)) continue;
        found.set(originalFilePath, {
          kind,
          packageName: owner.name,
          absolutePath: join(owner.root, folder, path),
          path,
          originalFilePath,
        });
      }
    }
  }
  return [...found.values()];
}
