import {execFileSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {hasProgram} from './requirements.ts';

/** The tar of a Debian root file system: BOXBUILD_DEBIAN_TAR, or a new one in the directory. */
export function debianTar(directory: string): string {
	const given = process.env['BOXBUILD_DEBIAN_TAR'] ?? '';
	if (existsSync(given)) return given;
	execFileSync('mmdebstrap', ['--variant=minbase', 'bookworm', `${directory}/debian.tar`], {stdio: 'ignore'});
	return `${directory}/debian.tar`;
}

/** Build arguments with which apt in a step reaches its mirror as apt of this machine does. */
export function aptArguments(): readonly string[] {
	const proxies = ['http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => {
		const value = process.env[name] ?? process.env[name.toUpperCase()];
		return value === undefined ? [] : ['--build-arg', `${name}=${value}`];
	});
	const wanted = /^(Acquire::(?:Check-Valid-Until|Check-Date|https?::Proxy)) "(.+)";$/gmv;
	const settings = hasProgram('apt-config') ? execFileSync('apt-config', ['dump'], {encoding: 'utf8'}) : '';
	const options = [...settings.matchAll(wanted)].map(([, name, value]) => `-o ${name}=${value}`);
	return [...proxies, ...(options.length === 0 ? [] : ['--build-arg', `APT_OPTIONS=${options.join(' ')}`])];
}
