import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {inNamespace} from '../support/in-namespace.ts';
import {debianProgram, manyIds} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {topFolder} from '../support/top.ts';

const cases = join(topFolder(), 'test/fixtures/layers');

const umoci = debianProgram('umoci');
/** Cases that give files to users other than root. */
const severalOwners = new Set(['everything', 'metadata-only', 'odd-metadata']);

/** What umoci cannot do: paths longer than PATH_MAX; xattrs without a value (to Go's archive/tar an empty record is none). */
const beyondUmoci = new Set(['deep-path', 'empty-xattr']);

for (const name of readdirSync(cases)
	.filter((name) => !beyondUmoci.has(name))
	.sort()) {
	when(severalOwners.has(name) ? [umoci, manyIds] : umoci, `umoci unpacks our layers to what the last step saw: ${name}`, (t) => {
		const {seen, unpacked} = inNamespace(new URL('umoci-script.js', import.meta.url), join(cases, name)) as {
			seen: string[];
			unpacked: string[];
		};
		t.deepEqual(unpacked, seen);
	});
}
