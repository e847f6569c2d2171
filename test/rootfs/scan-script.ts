// Turns upperdirs that shell scripts make into layers, as root of a namespace; prints each layer as JSON.
import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {rawOf} from '../../src/core/raw-path.ts';
import {everyId} from '../support/every-id.ts';
import {removeTree} from '../../src/rootfs/remove-tree.ts';
import {scanUpper} from '../../src/rootfs/scan-upper.ts';
import {type ScanCase, scanCases} from './scan-cases.ts';

/** `isBetween`: what is below is a layer directory instead of a view. */
function attempt({lower, upper, times, skip}: ScanCase, isBetween: boolean): unknown {
	const work = mkdtempSync(join(tmpdir(), 'boxbuild-scan-'));
	try {
		for (const [name, script] of [
			['lower', lower ?? ':'],
			['upper', upper],
		] as const) {
			mkdirSync(join(work, name));
			execFileSync('sh', ['-euc', `umask 022; ${script}`], {cwd: join(work, name)});
		}
		const options = {
			lower: isBetween ? null : join(work, 'lower'),
			...(isBetween ? {between: [join(work, 'lower')]} : {}),
			mapped: everyId,
			times: times ?? {kind: 'keep'},
			...(skip === undefined ? {} : {skip: new Set(skip.map(rawOf))}),
		};
		const index = scanUpper(join(work, 'upper'), options);
		const run = (command: string, ...args: readonly string[]): string =>
			execFileSync(command, args, {cwd: join(work, 'upper'), encoding: 'latin1'});
		return {
			index: index.map(
				({path, type, mtime, xattrs}) => `${type} ${path} ${mtime}${xattrs === undefined ? '' : ` ${JSON.stringify(xattrs)}`}`,
			),
			disk: run('find', '.', '-mindepth', '1', '-printf', '%y %P %T@\n')
				.split('\n')
				.slice(0, -1)
				.map((line) => line.replace(/\.0+$/v, ''))
				.sort(),
			xattrs: run('getfattr', '-Rhdm', '-', '.')
				.split('\n')
				.filter((line) => line.includes('='))
				.sort(),
		};
	} finally {
		removeTree(work);
	}
}

process.stdout.write(JSON.stringify([false, true].flatMap((isBetween) => scanCases.map((one) => attempt(one, isBetween)))));
