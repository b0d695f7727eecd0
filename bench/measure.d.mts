export interface Measurement {
  readonly seconds: number;
  /** Null where GNU time is not installed. */
  readonly cpu: number | null;
  readonly megabytes: number | null;
}
export declare function runOnce(command: readonly string[], options: { cwd?: string; env?: object }): Measurement;
export declare function median(values: readonly number[]): number;
export declare function mediansOf(runs: readonly Measurement[]): Measurement & { readonly runs: number };
export declare function measure(
  command: readonly string[],
  options: { cwd?: string; env?: object; runs: number; warmUps?: number; prepare?: () => void },
): Measurement & { readonly runs: number };
