import {userInfo} from 'node:os';
import {type Builder, builderPath} from '../isolation/id-mode.ts';

/** Whoever runs this program; somebody without a line in passwd(5), as in many containers, is called by the number. */
export function currentBuilder(path: string | undefined): Builder {
	const uid = process.getuid?.() ?? 0;
	return {uid, gid: process.getgid?.() ?? 0, name: nameOf(uid), path: builderPath(path)};
}

function nameOf(uid: number): string {
	try {
		return userInfo().username;
	} catch {
		return String(uid);
	}
}
