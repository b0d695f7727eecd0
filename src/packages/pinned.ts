/** Packages at one definite version. */
import type { PackageSpec } from '../project/packages-file.js';

export type Pinned =
  | { readonly kind: 'hub'; readonly package: string; readonly version: string; readonly latest: string }
  | {
      readonly kind: 'git';
      readonly git: string;
      readonly unrendered: string;
      readonly revision: string;
      readonly warnUnpinned: boolean;
      readonly subdirectory: string | undefined;
    }
  | { readonly kind: 'local'; readonly local: string }
  | { readonly kind: 'tarball'; readonly tarball: string; readonly unrendered: string; readonly name: string };

export type PinnedOf<K extends Pinned['kind']> = Extract<Pinned, { readonly kind: K }>;

/** What a package says of itself. */
export interface Description {
  /** The `name` of its dbt_project.yml, which is its folder's name, too. */
  readonly projectName: string;
  /** What it asks for in turn. */
  readonly packages: readonly PackageSpec[];
  /** Of a git package: the commit that its revision stands for. */
  readonly commit?: string;
}

/** How a package is called in sentences: `dbt-labs/dbt_utils 1.1.0`. */
export function pinnedName(pinned: Pinned): string {
  switch (pinned.kind) {
    case 'hub':
      return pinned.package;
    case 'git':
      return pinned.subdirectory === undefined ? pinned.git : `${pinned.git}/${pinned.subdirectory}`;
    case 'local':
      return pinned.local;
    case 'tarball':
      return pinned.name;
  }
}

/** Two pinned packages with one key are the same in every respect. */
export function pinnedKey(pinned: Pinned): string {
  switch (pinned.kind) {
    case 'hub':
      return `hub ${pinned.package} ${pinned.version}`;
    case 'git':
      return `git ${JSON.stringify([pinned.git, pinned.subdirectory ?? '', pinned.revision])}`;
    case 'local':
      return `local ${pinned.local}`;
    case 'tarball':
      return `tarball ${JSON.stringify([pinned.tarball, pinned.name])}`;
  }
}
