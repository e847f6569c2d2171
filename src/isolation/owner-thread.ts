import {closeSync, readSync} from 'node:fs';
import {parentPort, receiveMessageOnPort} from 'node:worker_threads';
import {pollReadable} from '../host/poll.ts';
import {ownUmask} from '../host/umask.ts';
import {architectures} from './architecture.ts';
import {OwnerAnswers} from './owner-answers.ts';
import type {FromOwnerThread, ToOwnerThread} from './owner-thread-protocol.ts';

/** Milliseconds; a thread that waits in the kernel keeps its process from ending. */
const longestWait = 100;

const port = parentPort;
const architecture = architectures.get(process.arch);
if (port === null || architecture === undefined) throw new Error('this program runs as a thread of the worker');

ownUmask(0);

const steps = new Map<number, {readonly step: number; readonly answers: OwnerAnswers}>();

port.on('message', (message: ToOwnerThread) => {
	add(message);
	serve(message.wake);
});

function add({step, listener, rules}: ToOwnerThread): void {
	if (architecture !== undefined) steps.set(listener, {step, answers: new OwnerAnswers(listener, rules, architecture)});
}

/** Answers, without ever leaving, until no step is left: what asks is waiting. */
function serve(wake: number): void {
	while (steps.size > 0) {
		const {readable, ended} = pollReadable([wake, ...steps.keys()], longestWait);
		for (const listener of readable) {
			if (listener === wake) takeMessages(wake);
			else steps.get(listener)?.answers.answer();
		}
		for (const listener of ended) if (!readable.includes(listener)) end(listener);
	}
}

function takeMessages(wake: number): void {
	readSync(wake, Buffer.alloc(8));
	for (let found = receive(); found !== undefined; found = receive()) add(found);
}

function receive(): ToOwnerThread | undefined {
	return port === null ? undefined : (receiveMessageOnPort(port)?.message as ToOwnerThread | undefined);
}

function end(listener: number): void {
	const ended = steps.get(listener);
	steps.delete(listener);
	closeSync(listener);
	if (ended !== undefined) port?.postMessage({step: ended.step} satisfies FromOwnerThread);
}
