/** What the bundled yargs measures texts with: the engine's own function, which needs no table of emoji at start-up. */
export { textWidth as default } from '../../src/cli/output/width.js';
