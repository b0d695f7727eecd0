/** The files of a package by what they are for. */
import { findFiles, type WalkedFolders } from '../project/find-files.js';
import type { Package } from '../project/project.js';

export type FileKind =
  | 'models'
  | 'seeds'
  | 'snapshots'
  | 'tests'
  | 'generic-tests'
  | 'fixtures'
  | 'macros'
  | 'analyses'
  | 'properties'
  | 'docs';

export interface SourceFile {
  readonly kind: FileKind;
  readonly packageName: string;
  readonly absolutePath: string;
  /** Relative to the folder searched, with `/`. */
  readonly path: string;
  /** Relative to the package root, with `/`. */
  readonly originalFilePath: string;
}

interface Section {
  readonly kind: FileKind;
  readonly folders: readonly string[];
  readonly extensions: readonly string[];
}

/** In dbt's order of reading. Properties and docs may stand in any of the folders. */
function sectionsOf({ config }: Package): Section[] {
  const sql = ['.sql'];
  const code: Section[] = [
    { kind: 'macros', folders: config.macroPaths, extensions: sql },
    { kind: 'models', folders: config.modelPaths, extensions: ['.sql', '.ts', '.py'] },
    { kind: 'snapshots', folders: config.snapshotPaths, extensions: sql },
    { kind: 'analyses', folders: config.analysisPaths, extensions: sql },
    { kind: 'tests', folders: config.testPaths, extensions: sql },
    { kind: 'fixtures', folders: config.testPaths.map((p) => `${p}/fixtures`), extensions: ['.csv', '.sql'] },
    { kind: 'seeds', folders: config.seedPaths, extensions: ['.csv'] },
  ];
  const all = [...new Set(code.flatMap((s) => s.folders))];
  const docs = config.docsPaths.length > 0 ? config.docsPaths : all;
  return [
    ...code,
    { kind: 'properties', folders: all, extensions: ['.yml', '.yaml'] },
    { kind: 'docs', folders: docs, extensions: ['.md'] },
  ];
}

export function findSourceFiles(owner: Package): SourceFile[] {
  const walked: WalkedFolders = new Map();
  return sectionsOf(owner).flatMap(({ kind, folders, extensions }) =>
    findFiles(owner.root, folders, extensions, walked)
      .filter((f) => !f.relativePath.endsWith('.d.ts') && !(kind === 'tests' && f.relativePath.startsWith('fixtures/')))
      .map((f) => ({
        kind: kind === 'tests' && f.relativePath.startsWith('generic/') ? 'generic-tests' : kind,
        packageName: owner.name,
        absolutePath: f.absolutePath,
        path: f.relativePath,
        originalFilePath: f.originalFilePath,
      })),
  );
}
