interface Matrix {
  readonly rows: number;
  readonly names: readonly string[];
  readonly columns: readonly Float64Array[];
}
interface Labelled {
  readonly data: Matrix;
  readonly labels: Float64Array;
}
export interface TrainingCase {
  readonly id: string;
  readonly rows: number;
  readonly seed: number;
  readonly holes: number;
}
export interface ClusteringCase {
  readonly id: string;
  readonly rows: number;
  readonly seed: number;
  readonly apart: number;
  readonly k: number;
}
export declare const FEATURES: number;
export declare const TRAININGS: readonly TrainingCase[];
export declare const CLUSTERINGS: readonly ClusteringCase[];
export declare function churnRows(rows: number, random: () => number): Labelled;
export declare function blobs(rows: number, random: () => number, apart?: number): Matrix;
export declare function withHoles(data: Matrix, random: () => number, share: number): Matrix;
export declare function trainingRows(
  training: TrainingCase,
  seeded: (seed: number) => () => number,
): { readonly train: Labelled; readonly test: Labelled };
