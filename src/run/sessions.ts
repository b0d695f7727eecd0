import type { Adapter, Session } from '../adapters/adapter.js';

/** A session for each slot, opened when first needed and then reused. */
export interface SlotSessions {
  get(slot: number): Promise<Session>;
  /** Cancels the statements under way. */
  cancel(): void;
  close(): Promise<void>;
}

/** As dbt names its worker threads in run_results.json. */
export const threadName = (slot: number): string => `Thread-${slot + 1} (worker)`;

export function createSlotSessions(adapter: Adapter): SlotSessions {
  const opening = new Map<number, Promise<Session>>();
  const open = new Set<Session>();
  return {
    get(slot) {
      let session = opening.get(slot);
      if (session === undefined) {
        session = adapter.session(threadName(slot)).then((made) => {
          open.add(made);
          return made;
        });
        opening.set(slot, session);
        // A failed opening is tried again by the next node.
        session.catch(() => opening.delete(slot));
      }
      return session;
    },
    cancel() {
      for (const session of open) session.cancel();
    },
    async close() {
      await Promise.allSettled([...open].map((session) => session.close()));
    },
  };
}
