import {existsSync} from 'node:fs';
import {beginHeadStart} from '../executor/head-start.ts';
import {workerProgram} from '../executor/worker-program.ts';
import {storeDirectory} from './store-directory.ts';
import {userConfigPath} from './user-config-path.ts';

/** Before the command itself is loaded, which is a build: when it will need the worker, that is started. */
export function begin(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): void {
	try {
		const option = storeOption(argv);
		const isConfigured = option === undefined && (env['BOXBUILD_STORE'] ?? '') === '' && existsSync(userConfigPath(env));
		if (!isConfigured) beginHeadStart(storeDirectory(option, env), workerProgram());
	} catch {
		// No home, or no working directory: the command says so itself.
	}
}

function storeOption(argv: readonly string[]): string | undefined {
	const at = argv.findLastIndex((word) => word === '--store' || word.startsWith('--store='));
	const word = argv[at];
	return word === '--store' ? argv[at + 1] : word?.slice('--store='.length);
}
