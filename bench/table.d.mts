export interface Measured {
  readonly seconds: number;
  readonly cpu?: number | null;
  readonly megabytes: number | null;
}
export interface Row {
  readonly what: string;
  readonly ours?: Measured;
  readonly dbt?: Measured;
  readonly floor?: Measured;
}
export declare const START: string;
export declare const END: string;
export declare function secondsText(seconds: number | null | undefined): string;
export declare function ratioText(ours: number | undefined, theirs: number | undefined): string;
export declare function tableOf(rows: readonly Row[]): string;
export declare function splice(text: string, table: string): string | undefined;
