import {chmodSync, copyFileSync, existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync} from 'node:fs';
import {mount, mountFlags, unmount} from '../../host/mount.ts';
import type {Bind, MaskedPaths} from '../../isolation/step-spec.ts';

/** What of the host a stage `FROM host` sees: programs and what they need, nothing of its people and services. */
const hostDirectories = /^(?:bin|sbin|lib[0-9a-z]*|usr|etc|opt|nix|gnu)$/v;

/** Directories and files of the builder that every step of a build shares. */
export interface Scaffold {
	/** The lowest lowerdir: mount points, so that none has to be made in a layer. */
	readonly lower: string;
	/** The same for a stage that starts from the host. */
	readonly hostLower: string;
	readonly hostBinds: readonly Bind[];
	readonly devices: string;
	readonly binds: readonly Bind[];
	readonly masks: MaskedPaths;
}

export const hostName = 'boxbuild';

const hosts = `127.0.0.1\tlocalhost ${hostName}\n::1\tlocalhost ip6-localhost ip6-loopback\n`;
const mountpoints = [
	['proc', 0o555],
	['sys', 0o555],
	['dev', 0o755],
	['run', 0o755],
	['tmp', 0o1777],
	['etc', 0o755],
] as const;

/** Makes them in an empty directory, inside the worker's namespace. */
export function makeScaffold(directory: string, moreHosts: readonly string[] = []): Scaffold {
	const lower = makeLower(`${directory}/scaffold`);
	const hostLower = makeLower(`${directory}/host`);
	return {
		lower,
		hostLower,
		hostBinds: exposeHost(hostLower),
		devices: makeDevices(`${directory}/dev`),
		binds: makeFiles(`${directory}/files`, moreHosts),
		masks: findMasks(),
	};
}

function makeLower(path: string): string {
	mkdirSync(path);
	for (const [name, mode] of mountpoints) {
		mkdirSync(`${path}/${name}`);
		// The umask is not for these.
		chmodSync(`${path}/${name}`, mode);
	}
	for (const name of ['resolv.conf', 'hosts']) writeFileSync(`${path}/etc/${name}`, '');
	return path;
}

function exposeHost(lower: string): Bind[] {
	const binds: Bind[] = [];
	for (const name of readdirSync('/').sort()) {
		if (!hostDirectories.test(name)) continue;
		const path = `/${name}`;
		const stat = lstatSync(path);
		if (stat.isSymbolicLink()) symlinkSync(readlinkSync(path), `${lower}${path}`);
		if (!stat.isDirectory()) continue;
		mkdirSync(`${lower}${path}`, {recursive: true});
		binds.push({source: path, target: path, optional: false});
	}
	return binds;
}

/** Device nodes cannot be made without rights, but those of the host can be bound. */
function makeDevices(path: string): string {
	mkdirSync(path);
	mount('dev', path, 'tmpfs', mountFlags.noSetuid, 'mode=755,size=65536k');
	for (const name of ['null', 'zero', 'full', 'random', 'urandom', 'tty']) {
		writeFileSync(`${path}/${name}`, '');
		mount(`/dev/${name}`, `${path}/${name}`, null, mountFlags.bind);
	}
	for (const name of ['pts', 'shm', 'mqueue']) mkdirSync(`${path}/${name}`);
	symlinkSync('pts/ptmx', `${path}/ptmx`);
	symlinkSync('/proc/self/fd', `${path}/fd`);
	for (const [number, name] of ['stdin', 'stdout', 'stderr'].entries()) symlinkSync(`/proc/self/fd/${number}`, `${path}/${name}`);
	return path;
}

/** So that the directory they were made in can be deleted; steps that run have their own mounts of them. */
export function unmountDevices({devices}: Scaffold): void {
	unmount(devices);
}

function makeFiles(path: string, moreHosts: readonly string[]): Bind[] {
	mkdirSync(path);
	writeFileSync(`${path}/hosts`, hosts + moreHosts.map((line) => `${line}\n`).join(''));
	if (existsSync('/etc/resolv.conf')) copyFileSync('/etc/resolv.conf', `${path}/resolv.conf`);
	else writeFileSync(`${path}/resolv.conf`, '');
	return ['hosts', 'resolv.conf'].map((name) => ({source: `${path}/${name}`, target: `/etc/${name}`, optional: true}));
}

/** Docker's masked and read-only paths, as far as this kernel has them. */
function findMasks(): MaskedPaths {
	return {
		files: ['/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list', '/proc/timer_stats', '/proc/sched_debug'].filter(
			existsSync,
		),
		directories: ['/proc/acpi', '/proc/scsi', '/proc/asound', '/sys/firmware', '/sys/devices/virtual/powercap'].filter(existsSync),
		readOnly: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'].filter(existsSync),
	};
}
