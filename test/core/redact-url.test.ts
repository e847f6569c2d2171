import test from 'ava';
import {maskCredentials, redactUrl} from '../../src/core/redact-url.ts';
import {safeName} from '../../src/core/safe-name.ts';

test('credentials of URLs are replaced, everything else stays', (t) => {
	t.is(redactUrl('ADD https://me:secret@example.org/a /b'), 'ADD https://xxxxx@example.org/a /b');
	t.is(redactUrl('https://token@a.org https://b.org/x@y ssh://git@c'), 'https://xxxxx@a.org https://b.org/x@y ssh://xxxxx@c');
	t.is(redactUrl('https://a:p@ss@example.org/'), 'https://xxxxx@example.org/');
	t.is(redactUrl('git@example.org:a/b.git#main'), 'git@example.org:a/b.git#main');
	t.is(maskCredentials('https://me:pw@example.org'), 'https://xxxxx@example.org');
});

test('a masked text is as long as before', (t) => {
	for (const secret of ['a', 'user:password', 'user:p@ss', ':'.repeat(40)]) {
		const masked = maskCredentials(`ADD https://${secret}@example.org/x y`);
		t.is(masked, `ADD https://${'x'.repeat(secret.length)}@example.org/x y`);
	}
});

test('names that others choose cannot lead anywhere', (t) => {
	t.is(safeName('/a/b.tar.gz'), 'b.tar.gz');
	t.is(safeName('../../etc/passwd'), 'passwd');
	for (const text of ['', '/', 'a/', '.', '..', 'a/..', 'a\0b', 'a\nb', 'x'.repeat(256)]) t.is(safeName(text), undefined, text);
});
