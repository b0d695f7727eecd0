type Counts = Readonly<Record<string, number>>;
export declare function countStatements(
  statements: readonly { readonly sql: string; readonly session: number }[],
): Counts;
export declare function worse(ours: readonly Counts[], theirs: readonly Counts[]): string[];
export declare function tableLines(ours: readonly Counts[], theirs: readonly Counts[], version: string): string[];
