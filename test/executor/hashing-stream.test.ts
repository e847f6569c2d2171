import test from 'ava';
import {sha256} from '../../src/core/digest.ts';
import {hashingStream} from '../../src/executor/worker/hashing-stream.ts';

async function* chunks(): AsyncGenerator<Uint8Array> {
	yield Buffer.from('archive ');
	yield Buffer.from('and ');
	yield Buffer.from('padding');
}

test('what the reader leaves is hashed as well', async (t) => {
	const tar = hashingStream(chunks());
	for await (const chunk of tar.stream) {
		t.is(Buffer.from(chunk).toString(), 'archive ');
		break;
	}
	t.deepEqual(await tar.finish(), {diffId: sha256('archive and padding') as never, size: 19});
});
