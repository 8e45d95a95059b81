import { runWorker } from './isolation/run-worker.js';

/** The program of a worker: `startWorker` executes it, nobody else. */
void runWorker().then((status) => process.exit(status));
