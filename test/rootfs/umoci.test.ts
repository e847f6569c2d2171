import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {inNamespace} from '../support/in-namespace.ts';
import {met} from '../support/requirement.ts';
import {debianProgram, farIds, manyIds} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {topFolder} from '../support/top.ts';

const cases = join(topFolder(), 'test/fixtures/layers');

const umoci = debianProgram('umoci');
/** Cases that give files to users other than root. */
const owners = new Map([
	['everything', manyIds],
	['metadata-only', manyIds],
	['odd-metadata', farIds],
]);

/** What umoci cannot do: paths longer than PATH_MAX; xattrs without a value (to Go's archive/tar an empty record is none). */
const beyondUmoci = new Set(['deep-path', 'empty-xattr']);

for (const name of readdirSync(cases)
	.filter((name) => !beyondUmoci.has(name))
	.sort()) {
	when([umoci, owners.get(name) ?? met], `umoci unpacks our layers to what the last step saw: ${name}`, (t) => {
		const {seen, unpacked} = inNamespace(new URL('umoci-script.js', import.meta.url), join(cases, name)) as {
			seen: string[];
			unpacked: string[];
		};
		t.deepEqual(unpacked, seen);
	});
}
