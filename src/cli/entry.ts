import { runProcess } from './process.js';

const [first, ...rest] = process.argv.slice(2);
void runProcess(first === 'help' ? [...rest, '--help'] : process.argv.slice(2));
