import {chmodSync, copyFileSync, linkSync, mkdirSync, writeFileSync} from 'node:fs';
import {gzipSync} from 'node:zlib';
import {makeTar, member} from './make-tar.ts';

/** Completes the context of compared cases with files and archives that git cannot hold. */
export function writeUnusualFiles(context: string): void {
	const write = (path: string, mode: number): void => {
		writeFileSync(`${context}/${path}`, `${path}\n`);
		chmodSync(`${context}/${path}`, mode);
	};
	const makeDirectory = (path: string, mode: number): void => {
		mkdirSync(`${context}/${path}`);
		chmodSync(`${context}/${path}`, mode);
	};
	makeDirectory('unusual', 0o750);
	for (const [name, mode] of Object.entries({empty: 0o755, private: 0o700, sticky: 0o1777, setgid: 0o2755}))
		makeDirectory(`unusual/${name}`, mode);
	for (const [name, mode] of Object.entries({secret: 0o600, readonly: 0o444, setuid: 0o4755, setgid: 0o2755, 'group-writable': 0o664}))
		write(`unusual/private/${name}`, mode);
	makeDirectory('hard', 0o755);
	write('hard/one', 0o644);
	linkSync(`${context}/hard/one`, `${context}/hard/two`);
	copyFileSync(`${context}/plain.tar`, `${context}/no-suffix`);
	makeDirectory('archives', 0o755);
	copyFileSync(`${context}/plain.tar`, `${context}/archives/plain.tar`);
	writeFileSync(`${context}/text.tar.gz`, 'text\n');
	writeFileSync(`${context}/text.gz`, gzipSync('text\n'));
	for (const [name, members] of Object.entries(archives)) writeFileSync(`${context}/${name}`, makeTar(members));
}

/** A `security.capability` of revision 2: cap_net_bind_service, effective and permitted (linux/capability.h). */
const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex').toString('latin1');

const archives = {
	'kinds.tar': [
		member('directory', 'sticky', '', {mode: 0o1777, uid: 3, gid: 4}),
		member('file', 'sticky/setuid', 'setuid\n', {mode: 0o4711, uid: 3, gid: 4}),
		member('hardlink', 'sticky/linked', 'sticky/setuid', {mode: 0o4711, uid: 3, gid: 4}),
		member('file', 'locked', 'locked\n', {mode: 0}),
		member('file', 'implied/parents/file', 'file\n'),
		member('symlink', 'absolute', '/dir'),
		member('symlink', 'dangling', 'nowhere'),
		member('fifo', 'fifo', '', {mode: 0o620, gid: 5}),
		member('file', `${'long/'.repeat(30)}name`, 'long\n'),
		member('file', 'twice', 'first\n'),
		member('file', 'twice', 'second\n', {mode: 0o600}),
	],
	'below-link.tar': [member('file', 'link/of-archive', 'below\n')],
	'over.tar': [member('file', 'dir', 'no directory\n')],
	'capability.tar': [member('file', 'capable', 'capable\n', {mode: 0o755, xattrs: {'security.capability': capability}})],
};
