import test from 'ava';
import * as fc from 'fast-check';
import {Socket} from 'node:net';
import {serialize} from 'node:v8';
import {Channel} from '../../src/host/channel.ts';
import {openSocketPair} from '../../src/host/pipe.ts';

type Message = {readonly text: string; readonly bytes: Uint8Array; readonly list: readonly (number | bigint | null)[]};

const messages = fc.array(
	fc.record({
		text: fc.string({unit: 'binary'}),
		bytes: fc.uint8Array({maxLength: 5000}),
		list: fc.array(fc.oneof(fc.double(), fc.bigInt(), fc.constant(null))),
	}),
	{maxLength: 8},
);

function plain({text, bytes, list}: Message): unknown {
	return {text, bytes: [...bytes], list};
}

/** Resolves with everything that comes until the other side closes. */
function collect(descriptor: number): Promise<unknown[]> {
	return new Promise((resolve) => {
		const found: unknown[] = [];
		const listener = {receive: (message: Message) => void found.push(plain(message)), closed: () => resolve(found)};
		return new Channel<never, Message>(descriptor, listener);
	});
}

test('what is sent comes out at the other end, in order', async (t) => {
	await fc.assert(
		fc.asyncProperty(messages, async (sent) => {
			const [one, other] = openSocketPair();
			const received = collect(other);
			const sender = new Channel<Message, never>(one, {receive: () => {}, closed: () => {}});
			for (const message of sent) sender.send(message);
			sender.end();
			t.deepEqual(await received, sent.map(plain));
		}),
		{numRuns: 50},
	);
});

test('messages may come in any pieces', async (t) => {
	await fc.assert(
		fc.asyncProperty(messages, fc.integer({min: 1, max: 50}), async (sent, size) => {
			const [one, other] = openSocketPair();
			const received = collect(other);
			const frames = sent.map((message) => {
				const bytes = serialize(message);
				const length = Buffer.alloc(4);
				length.writeUInt32LE(bytes.length);
				return Buffer.concat([length, bytes]);
			});
			const all = Buffer.concat(frames);
			const socket = new Socket({fd: one, readable: true, writable: true});
			for (let at = 0; at < all.length; at += size) {
				socket.write(all.subarray(at, at + size));
				if (at % (size * 7) === 0) await new Promise(setImmediate);
			}
			socket.end();
			t.deepEqual(await received, sent.map(plain));
		}),
		{numRuns: 15},
	);
});

test('a close is told once to both, and sending afterwards is no error', async (t) => {
	const [one, other] = openSocketPair();
	let closed = 0;
	const ends = [one, other].map(
		(descriptor) =>
			new Promise<Channel<string, string>>((resolve) => {
				const channel: Channel<string, string> = new Channel(descriptor, {
					receive: () => {},
					closed: () => {
						closed += 1;
						resolve(channel);
					},
				});
				if (descriptor === one) setImmediate(() => channel.close());
			}),
	);
	const [first, second] = await Promise.all(ends);
	first?.send('late');
	second?.send('late');
	first?.close();
	await new Promise(setImmediate);
	t.is(closed, 2);
});
