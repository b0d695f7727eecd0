import type { Command } from '../command.js';
export const command: Command = { options: [], run: async () => 2 };
