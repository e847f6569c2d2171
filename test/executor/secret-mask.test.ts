import test from 'ava';
import {array, assert, constantFrom, property} from 'fast-check';
import {SecretMask} from '../../src/executor/secret-mask.ts';

const through = (values: readonly string[], chunks: readonly string[]): string => {
	const masking = new SecretMask(values.map((value) => Buffer.from(value)));
	return [...chunks.map((chunk) => masking.take(Buffer.from(chunk))), masking.end()].map((part) => part.toString()).join('');
};

test('a secret is masked wherever it stands, however it is split', (t) => {
	t.is(through(['s3cret'], ['a s3cret b s3cret']), 'a *** b ***');
	t.is(through(['s3cret'], ['a s3', 'cr', 'et b']), 'a *** b');
	t.is(through(['s3cret\n'], ['s3cret']), '***');
	t.is(through(['longer secret', 'secret'], ['longer secret, secret']), '***, ***');
});

test('what only begins like a secret comes through whole', (t) => {
	t.is(through(['s3cret'], ['s3c', 'rap']), 's3crap');
	t.is(through(['s3cret'], ['ends with s3cre']), 'ends with s3cre');
});

test('no secrets change nothing, and short ones are left alone', (t) => {
	t.is(through([], ['abc']), 'abc');
	t.is(through(['a'], ['abc']), 'abc');
});

test('the value never comes out, whatever the chunks are', (t) => {
	assert(
		property(
			array(constantFrom('s', '3', 'cret', 's3cret', ' ', 's3cs3cret')),
			(chunks) => !through(['s3cret'], chunks).includes('s3cret'),
		),
	);
	t.pass();
});
