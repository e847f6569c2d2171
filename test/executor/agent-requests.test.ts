import test from 'ava';
import {agentRequestFilter} from '../../src/executor/worker/agent-requests.ts';

/** A request of a type with some content. */
function request(type: number, content = ''): Buffer {
	const length = Buffer.alloc(4);
	length.writeUInt32BE(1 + content.length);
	return Buffer.concat([length, Buffer.from([type]), Buffer.from(content)]);
}

test('looking at keys and signing pass, everything else becomes a request that no agent knows', (t) => {
	const filter = agentRequestFilter();
	t.deepEqual(filter(request(11)), request(11));
	t.deepEqual(filter(request(13, 'key and data')), request(13, 'key and data'));
	for (const type of [0, 17, 18, 19, 20, 21, 22, 23, 25, 26, 27]) t.deepEqual(filter(request(type, 'content')), request(0));
});

test('requests may come in any pieces', (t) => {
	const filter = agentRequestFilter();
	const all = Buffer.concat([request(11), request(19), request(13, 'x'.repeat(300))]);
	const passed = [...all].map((byte) => filter(Buffer.from([byte])));
	t.deepEqual(Buffer.concat(passed), Buffer.concat([request(11), request(0), request(13, 'x'.repeat(300))]));
});

test('what is no request is an error', (t) => {
	t.throws(() => agentRequestFilter()(Buffer.from('hello, agent')), {instanceOf: RangeError});
	t.throws(() => agentRequestFilter()(Buffer.alloc(5)), {instanceOf: RangeError});
});
