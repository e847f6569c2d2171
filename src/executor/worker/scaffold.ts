import {chmodSync, copyFileSync, existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync} from 'node:fs';
import {makeDevice} from '../../host/file-calls.ts';
import {makeBeneath} from '../../host/walk-beneath.ts';
import {deviceDirectories, deviceLinks, deviceNumbers} from '../../isolation/devices.ts';
import type {Bind, MaskedPaths} from '../../isolation/step-spec.ts';

/** What of the host a stage `FROM host` sees: programs and what they need, nothing of its people and services. */
const hostDirectories = /^(?:bin|sbin|lib[0-9a-z]*|usr|etc|opt|nix|gnu)$/v;

/** Directories and files of the builder that every step of a build shares. */
export interface Scaffold {
	/** The lowest lowerdir: mount points, so that none has to be made in a layer. */
	readonly lower: string;
	readonly binds: readonly Bind[];
	readonly masks: MaskedPaths;
	/** For stages that start from the host; made when there is one. */
	host(): HostScaffold;
}

export interface HostScaffold {
	/** The lowest lowerdir, with places for the binds. */
	readonly lower: string;
	/** The host's programs. */
	readonly binds: readonly Bind[];
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

/** Makes them in an empty directory, inside the worker's namespace if it has one. */
export function makeScaffold(
	directory: string,
	{moreHosts = [], canMount = true}: {readonly moreHosts?: readonly string[] | undefined; readonly canMount?: boolean} = {},
): Scaffold {
	let host: HostScaffold | undefined;
	const makeHost = (): HostScaffold => {
		const lower = makeLower(`${directory}/host`);
		return {lower, binds: canMount ? exposeHost(lower) : []};
	};
	return {
		lower: makeLower(`${directory}/scaffold`),
		binds: makeFiles(`${directory}/files`, moreHosts),
		masks: findMasks(),
		host: () => (host ??= makeHost()),
	};
}

function makeLower(path: string): string {
	mkdirSync(path);
	for (const [name, mode] of mountpoints) {
		mkdirSync(`${path}/${name}`);
		// The umask would take bits away.
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

/** A tree for the /dev of one step where nothing can be mounted, with places for binds; a device that cannot be made becomes an empty file. */
export function makeDevices(path: string, binds: readonly Bind[]): string {
	mkdirSync(path);
	for (const [name, [major, minor]] of Object.entries(deviceNumbers)) {
		const at = Buffer.from(`${path}/${name}`);
		try {
			makeDevice(at, 'char', {major, minor});
		} catch {
			writeFileSync(at, '');
		}
		chmodSync(at, 0o666);
	}
	for (const name of deviceDirectories) mkdirSync(`${path}/${name}`);
	chmodSync(`${path}/shm`, 0o1777);
	for (const [name, target] of deviceLinks) symlinkSync(target, `${path}/${name}`);
	for (const {target} of binds) if (target.startsWith('/dev/')) makeBeneath(path, target.slice('/dev/'.length), 'file');
	return path;
}

function makeFiles(path: string, moreHosts: readonly string[]): Bind[] {
	mkdirSync(path);
	writeFileSync(`${path}/hosts`, hosts + moreHosts.map((line) => `${line}\n`).join(''));
	if (existsSync('/etc/resolv.conf')) copyFileSync('/etc/resolv.conf', `${path}/resolv.conf`);
	else writeFileSync(`${path}/resolv.conf`, '');
	return ['hosts', 'resolv.conf'].map((name) => ({source: `${path}/${name}`, target: `/etc/${name}`, optional: true}));
}

/** Docker's masked and read-only paths (those of its version 28), as far as this kernel has them. */
function findMasks(): MaskedPaths {
	const files = ['kcore', 'keys', 'latency_stats', 'timer_list', 'timer_stats', 'sched_debug', 'interrupts'].map((name) => `/proc/${name}`);
	const processors = '/sys/devices/system/cpu';
	const throttles = existsSync(processors) ? readdirSync(processors).map((name) => `${processors}/${name}/thermal_throttle`) : [];
	const directories = ['/proc/acpi', '/proc/scsi', '/proc/asound', '/sys/firmware', '/sys/devices/virtual/powercap', ...throttles];
	return {
		files: files.filter(existsSync),
		directories: directories.filter(existsSync),
		readOnly: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'].filter(existsSync),
	};
}
