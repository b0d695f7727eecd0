/** `batch_results` of run_results.json: start and end of each batch as ISO texts. */
export interface RecordedBatches {
  readonly successful: readonly (readonly [string, string])[];
  readonly failed: readonly (readonly [string, string])[];
}
