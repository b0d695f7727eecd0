export { type NewPackage, parseNewPackage } from './add-package.js';
export type { DepsEvent, DepsListener } from './events.js';
export { type DepsOptions, installPackages } from './install-packages.js';
