import {inNamespace} from '../support/in-namespace.ts';
import {farIds} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {copyCases} from './copy-cases.ts';

interface Attempt {
	readonly index?: readonly string[];
	readonly refused?: string;
	readonly listing?: readonly string[];
	/** Planned and then written as a directory. */
	readonly planned?: readonly string[];
	readonly raw?: string;
	/** Planned and written as a tar, the layer has the same bytes. */
	readonly isSameTar?: boolean;
}

const attempts = (farIds.holds ? inNamespace(new URL('copy-script.js', import.meta.url)) : []) as readonly Attempt[];

for (const [position, one] of copyCases.entries()) {
	when(farIds, `a copy makes the layer that BuildKit makes: ${one.name}`, (t) => {
		const attempt = attempts[position];
		t.is(attempt?.refused, one.refused);
		t.deepEqual(attempt?.index, one.index);
		t.is(attempt?.isSameTar, one.index === undefined ? undefined : true);
		t.deepEqual(attempt?.planned, attempt?.listing);
		// What is on disk is what the index says.
		const onDisk = attempt?.listing?.map((line) => JSON.parse(line) as {path: string; mode: number; uid: number; mtime: number});
		const said = attempt?.index?.map((line) => line.split(' '));
		t.deepEqual(
			onDisk?.map(({path, mode, mtime}) => [path, mode.toString(8), `${mtime}`]),
			said?.map(([path, , mode, , mtime]) => [path, mode, mtime]),
		);
	});
}

when(farIds, 'capabilities and xattrs are on disk after a copy from a stage', (t) => {
	const {raw} = attempts[copyCases.findIndex(({name}) => name.startsWith('from a stage'))] ?? {};
	t.regex(raw ?? '', /security\.capability=/v);
	t.regex(raw ?? '', /user\.a="b"/v);
	const {raw: other} = attempts[copyCases.findIndex(({name}) => name.startsWith('ids that'))] ?? {};
	t.regex(other ?? '', /user\.boxbuild\.owner="7:80000 65535:65535"/v);
});
