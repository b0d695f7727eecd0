export declare function syntheticProject(models: number): Generator<[path: string, text: string]>;
export declare function layerSizes(models: number): { staging: number; intermediate: number; marts: number };
export declare function writeSyntheticProject(folder: string, models: number): void;
