import {readdirSync, readFileSync, statSync} from 'node:fs';
import {sha256} from '../core/digest.ts';

/** Databases that change whenever a package is installed, updated or removed. */
const packageDatabases = ['/var/lib/dpkg/status', '/lib/apk/db/installed', '/var/lib/rpm/rpmdb.sqlite', '/var/lib/rpm/Packages'];

/** What stands for the host's programs in keys: its release, its package database, and the directories on it that packages do not own. */
export function hostIdentity(): string {
	const release = ['/etc/os-release', '/usr/lib/os-release'].map(digestOf).find((digest) => digest !== undefined) ?? 'unknown';
	const packages = packageDatabases.map((path) => `${path} ${digestOf(path) ?? 'none'}`);
	const local = ['/usr/local/bin', '/usr/local/lib', '/opt'].map((path) => `${path} ${listingOf(path)}`);
	return ['host', process.arch, release, ...packages, ...local].join('\n');
}

function digestOf(path: string): string | undefined {
	try {
		return sha256(readFileSync(path));
	} catch {
		return undefined;
	}
}

function listingOf(path: string): string {
	try {
		return readdirSync(path)
			.sort()
			.map((name) => {
				const stat = statSync(`${path}/${name}`, {throwIfNoEntry: false});
				return `${name} ${stat?.size ?? 0} ${stat?.mtimeMs ?? 0}`;
			})
			.join(',');
	} catch {
		return 'none';
	}
}
