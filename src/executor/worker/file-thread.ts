import {parentPort} from 'node:worker_threads';
import {fileTasks} from './file-tasks.ts';
import type {FileTask, FromThread, ToThread} from './file-thread-protocol.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {errnoOf} from '../../host/errno.ts';

const port = parentPort;
if (port === null) throw new Error('this program runs as a thread of the worker');
const tasks = fileTasks();

// Tasks that read streams are asynchronous: a chain keeps them one at a time and in order.
let last: Promise<void> = Promise.resolve();
port.on('message', (message: ToThread) => {
	last = last.then(async () => port.postMessage(await perform(message)));
});

async function perform({id, name, task}: ToThread): Promise<FromThread> {
	try {
		return {id, result: await (tasks[name as FileTask] as (task: unknown) => unknown)(task)};
	} catch (error) {
		if (error instanceof BuildError) return {id, diagnostics: error.diagnostics};
		return {id, bug: error instanceof Error ? (error.stack ?? error.message) : String(error), errno: errnoOf(error)};
	}
}
