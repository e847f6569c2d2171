import {readFileSync} from 'node:fs';

let known: string | undefined;

/** Another one after every start of the machine (random(4)). */
export function readBootId(): string {
	known ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
	return known;
}
