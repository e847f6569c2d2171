import {existsSync} from 'node:fs';

/** A Debian minbase root file system as a tar: BOXBUILD_DEBIAN_TAR, made by mmdebstrap and kept when it is missing. */
export async function findDebianTar(asSelf) {
	const path = process.env['BOXBUILD_DEBIAN_TAR'] ?? '/var/tmp/debian.tar';
	if (existsSync(path)) return path;
	console.log(`mmdebstrap makes ${path}`);
	const {status, lastLines} = await asSelf(['mmdebstrap', '--variant=minbase', 'bookworm', path]);
	if (status !== 0) throw new Error(`mmdebstrap fails:\n${lastLines}`);
	return path;
}
