import {execFileSync} from 'node:child_process';
import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {inNamespace} from '../support/in-namespace.ts';
import {topFolder} from '../support/top.ts';

const cases = join(topFolder(), 'test/fixtures/layers');

/** What umoci cannot do: paths longer than PATH_MAX; xattrs without a value (to Go's archive/tar an empty record is none). */
const beyondUmoci = new Set(['deep-path', 'empty-xattr']);

for (const name of readdirSync(cases)
	.filter((name) => !beyondUmoci.has(name))
	.sort()) {
	test(`umoci unpacks our layers to what the last step saw: ${name}`, (t) => {
		if (!isInstalled()) {
			t.log('umoci is not installed');
			t.pass();
			return;
		}
		const {seen, unpacked} = inNamespace(new URL('umoci-script.js', import.meta.url), join(cases, name)) as {
			seen: string[];
			unpacked: string[];
		};
		t.deepEqual(unpacked, seen);
	});
}

function isInstalled(): boolean {
	try {
		execFileSync('umoci', ['--version'], {stdio: 'ignore'});
		return true;
	} catch {
		return false;
	}
}
