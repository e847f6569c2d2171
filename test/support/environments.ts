import {mkdirSync, writeFileSync} from 'node:fs';
import {asNamespaceRoot} from './namespace-root.ts';

/** A command that runs a shell script before the rest of its line, in a mount and process namespace of its own, as root of it. */
export function afterScript(directory: string, script: string): readonly string[] {
	mkdirSync(directory, {recursive: true});
	writeFileSync(`${directory}/before.sh`, `set -e\n${script}\nexec "$@"\n`);
	return [...asNamespaceRoot('--mount-proc'), 'sh', `${directory}/before.sh`];
}
