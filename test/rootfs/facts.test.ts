import {inNamespace} from '../support/in-namespace.ts';
import {manyIds} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {factsCases} from './facts-cases.ts';
import {prefixCases} from './prefix-cases.ts';

const {facts, unpacked} = (manyIds.holds ? inNamespace(new URL('facts-script.js', import.meta.url)) : {}) as {
	readonly facts: readonly object[];
	readonly unpacked: readonly unknown[];
};

when(manyIds, 'the facts of a copy are what stands on its way', (t) => {
	t.deepEqual(facts[0], {
		isDirectory: true,
		way: [
			['app', 'directory', 0o755, 0, 0, 5, null],
			['app/link', 'symlink', 'real'],
			['app/real', 'directory', 0o755, 0, 0, 5, null],
			['app/real/sub', 'directory', 0o755, 0, 0, 5, null],
		],
		conflicts: [],
	});
});

for (const [position, {name, moves}] of factsCases.entries()) {
	when(manyIds, `the facts of a copy ${moves ? 'change with' : 'do not depend on'} ${name}`, (t) => {
		if (moves) t.notDeepEqual(facts[position], facts[0]);
		else t.deepEqual(facts[position], facts[0]);
	});
}

for (const [position, {name, expected}] of prefixCases.entries()) {
	when(manyIds, `an archive is unpacked at a place: ${name}`, (t) => t.deepEqual(unpacked[position], expected));
}
