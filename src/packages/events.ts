import type { Diagnostic } from '../diagnostics/index.js';
import type { PinnedOf } from './pinned.js';

/** What happens while packages are installed. Texts have no credentials. */
export type DepsEvent =
  | { readonly kind: 'warning'; readonly diagnostic: Diagnostic }
  | { readonly kind: 'retry'; readonly message: string }
  /** Nothing is asked for. */
  | { readonly kind: 'none' }
  /** `--add-package` took an entry's place. */
  | { readonly kind: 'replaced'; readonly entry: Readonly<Record<string, string>> }
  | { readonly kind: 'added'; readonly name: string; readonly version: string | undefined; readonly file: string }
  | { readonly kind: 'locked'; readonly file: string }
  | { readonly kind: 'install'; readonly name: string; readonly index: number; readonly total: number }
  | {
      readonly kind: 'installed';
      readonly name: string;
      /** `version 1.1.0`, `revision abc`. */
      readonly from: string;
      readonly source: PinnedOf<'hub' | 'git' | 'local' | 'tarball'>['kind'];
      /** A higher version that the hub has. */
      readonly newer?: string;
      readonly subdirectory?: string;
    }
  | { readonly kind: 'outdated'; readonly packages: readonly string[] }
  | { readonly kind: 'done'; readonly count: number; readonly folder: string };

/** May throw to stop the run, as with `--warn-error`. */
export type DepsListener = (event: DepsEvent) => void;
