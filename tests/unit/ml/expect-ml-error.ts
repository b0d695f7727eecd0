import { expect } from 'vitest';
import { UpsqlError } from '../../../src/diagnostics/index.js';

/** Expects an UpsqlError with the code and a message that matches, thrown or rejected with. */
export async function expectMlError(act: () => unknown, code: string, message: RegExp): Promise<void> {
  let caught: unknown;
  try {
    await act();
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(UpsqlError);
  const [diagnostic] = (caught as UpsqlError).diagnostics;
  expect(diagnostic?.code).toBe(code);
  expect(diagnostic?.message).toMatch(message);
  expect((caught as UpsqlError).exitCode).toBe(1);
}
