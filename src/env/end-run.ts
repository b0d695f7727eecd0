import type { Session } from '../adapters/adapter.js';
import type { Lease } from './leases.js';
import type { Placement } from './placement.js';

/** Gives back what a run held, whatever of it fails: its lease, the places of nodes in the manifest, the session. */
export async function endRun(
  placement: Placement,
  lease: Lease | undefined,
  session: Session | undefined,
): Promise<void> {
  try {
    await lease?.release();
  } finally {
    placement.undo();
    await session?.close();
  }
}
