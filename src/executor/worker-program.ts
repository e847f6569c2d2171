import {fileURLToPath} from 'node:url';

/** Path of the worker's program, beside the bundle that runs. */
export function workerProgram(): string {
	return fileURLToPath(new URL('./worker.cjs', import.meta.url));
}
