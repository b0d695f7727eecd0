/** One entry of a properties file (`models: - name: x`), rendered, with the places of its parts. */
import type { Place } from '../diagnostics/index.js';

export interface PropertyEntry {
  /** The section: `models`, `sources`, `exposures`, ... */
  readonly kind: string;
  readonly name: string;
  readonly packageName: string;
  /** Absolute. */
  readonly file: string;
  /** Relative to the folder searched. */
  readonly path: string;
  /** Relative to the package root. */
  readonly originalFilePath: string;
  /** Rendered, except for what dbt renders later (descriptions, data tests, hooks). */
  readonly raw: Record<string, unknown>;
  /** As written. */
  readonly unrendered: Record<string, unknown>;
  readonly place: Place;
  /** The place of a part of the entry. */
  locate(path: readonly (string | number)[]): Place;
}
