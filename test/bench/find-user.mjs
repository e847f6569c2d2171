import {readFileSync} from 'node:fs';
import {execFileSync} from 'node:child_process';

const made = 'boxbuild-bench';

/**
 * The ordinary user who builds. Root drops to BENCH_USER, else to the first user with a range in /etc/subuid and /etc/subgid, else to one
 * that is made for this run; anybody else builds as themselves.
 */
export function findUser() {
	const {uid, gid} = {uid: process.getuid(), gid: process.getgid()};
	if (uid !== 0) return {name: 'self', uid, gid, remove: () => undefined};
	const name = process.env['BENCH_USER'] ?? rangeOwners().find((owner) => accountOf(owner) !== undefined);
	if (name !== undefined) return {name, ...requireAccount(name), remove: () => undefined};
	execFileSync('useradd', ['--no-create-home', '--shell', '/usr/sbin/nologin', made]);
	return {name: made, ...requireAccount(made), remove: () => void execFileSync('userdel', [made])};
}

function rangeOwners() {
	const [uids = [], gids = []] = ['/etc/subuid', '/etc/subgid'].map(readTable);
	return uids.map(([owner]) => owner).filter((owner) => owner !== 'root' && gids.some(([other]) => other === owner));
}

function requireAccount(name) {
	const account = accountOf(name);
	if (account === undefined) throw new Error(`there is no user ${name}`);
	if (account.uid === 0) throw new Error('BENCH_USER must be an ordinary user: boxbuild and buildah are measured without privileges');
	return account;
}

function accountOf(name) {
	const [, , uid, gid] = readTable('/etc/passwd').find(([owner]) => owner === name) ?? [];
	return uid === undefined ? undefined : {uid: Number(uid), gid: Number(gid)};
}

function readTable(path) {
	const text = readFileSync(path, {encoding: 'utf8', flag: 'a+'});
	return text
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => line.split(':'));
}
