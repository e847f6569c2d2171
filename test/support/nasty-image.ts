import {createHash} from 'node:crypto';
import type {Listed} from './list-tree.ts';
import {makeTar, member, type Member} from './make-tar.ts';

/** struct vfs_cap_data, revision 2: cap_net_raw permitted and effective. */
const capability = '0100000200200000000000000000000000000000';
const bytesOf = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1');
const longName = 'n'.repeat(180);
const longPath = Array.from({length: 6}, (_, at) => String(at).repeat(60));
const file = (path: string, content: string, more: Partial<Member['entry']> = {}): Member => member('file', path, content, more);
const directory = (path: string, more: Partial<Member['entry']> = {}): Member => member('directory', path, '', more);

const lower: readonly Member[] = [
	directory('bin'),
	file('bin/su', 'su', {mode: 0o4755}),
	file('bin/sgid', 'sgid', {mode: 0o2711, uid: 1, gid: 29}),
	file('bin/cap', 'cap', {mode: 0o755, xattrs: {'security.capability': bytesOf(capability)}}),
	directory('tmp', {mode: 0o1777}),
	directory('var'),
	directory('var/old'),
	file('var/old/a', 'a'),
	directory('opaque', {uid: 7, gid: 8}),
	file('opaque/lower', 'lower'),
	file('gone', 'gone'),
	directory('was-directory'),
	file('was-directory/x', 'x'),
	file('was-file', 'x'),
	member('symlink', 'link', 'bin/su'),
	member('symlink', 'absolute', '/bin/su', {uid: 3, gid: 4}),
	member('symlink', 'dangling', '../../nowhere'),
	directory('hard'),
	file('hard/a', 'hard', {mode: 0o640, uid: 1000, gid: 1000}),
	member('hardlink', 'hard/b', 'hard/a', {mode: 0o640, uid: 1000, gid: 1000}),
	member('hardlink', 'hard/c', 'hard/a', {mode: 0o640, uid: 1000, gid: 1000}),
	member('fifo', 'pipe', '', {mode: 0o620, uid: 5, gid: 6}),
	directory('empty', {mode: 0o700, uid: 1000, gid: 1000}),
	file('caf\xc3\xa9', 'UTF-8'),
	file('caf\xe9', 'Latin-1'),
	file('new\nline', 'newline'),
	file('locked', 'locked', {mode: 0, uid: 65_534, gid: 65_534}),
	file(longName, 'long name'),
	...longPath.map((_, at) => directory(longPath.slice(0, at + 1).join('/'))),
	file(`${longPath.join('/')}/leaf`, 'long path'),
	file('xattr', 'xattr', {xattrs: {'user.test': bytesOf('00ff0a')}}),
	file('large', 'x'.repeat(3_000_000)),
];

const upper: readonly Member[] = [
	file('opaque/upper', 'upper'),
	file('opaque/.wh..wh..opq', ''),
	directory('opaque', {uid: 7, gid: 8}),
	file('.wh.gone', ''),
	directory('var'),
	file('var/.wh.old', ''),
	file('var/new', 'new', {mtime: 1_700_000_000}),
	file('was-directory', 'now a file'),
	directory('was-file'),
	file('hard/.wh.a', ''),
];

/** The tars of its layers, bottom first. */
export const nastyLayers: readonly Buffer[] = [makeTar(lower), makeTar(upper)];

export const nastyConfig = {
	author: 'nobody',
	config: {
		User: '1000:1000',
		Env: ['PATH=/bin', 'EMPTY=', 'QUOTED="a b"'],
		Entrypoint: ['/bin/su', '-'],
		Cmd: ['\u00e9', '$HOME'],
		WorkingDir: '/var',
		Labels: {b: '2', a: 'line\nbreak'},
		ExposedPorts: {'80/tcp': {}},
		Volumes: {'/data': {}},
		StopSignal: 'SIGUSR1',
	},
	history: [{created_by: 'one'}, {created_by: 'two'}],
};

type Row = readonly [
	path: string,
	type: string,
	mode: string,
	owner: string,
	content?: string,
	target?: string,
	same?: string,
	xattrs?: Readonly<Record<string, string>>,
];

/** Every file of the merged tree, as `listTree` prints it: written down, not computed by the program under test. */
const rows: readonly Row[] = [
	['absolute', 'symlink', '', '3:4', '', '/bin/su'],
	['bin', 'directory', '0755', '0:0'],
	['bin/cap', 'file', '0755', '0:0', 'cap', '', '', {'security.capability': capability}],
	['bin/sgid', 'file', '2711', '1:29', 'sgid'],
	['bin/su', 'file', '4755', '0:0', 'su'],
	['caf\xc3\xa9', 'file', '0644', '0:0', 'UTF-8'],
	['caf\xe9', 'file', '0644', '0:0', 'Latin-1'],
	['dangling', 'symlink', '', '0:0', '', '../../nowhere'],
	['empty', 'directory', '0700', '1000:1000'],
	['hard', 'directory', '0755', '0:0'],
	['hard/b', 'file', '0640', '1000:1000', 'hard', '', 'hard/b'],
	['hard/c', 'file', '0640', '1000:1000', 'hard', '', 'hard/b'],
	['large', 'file', '0644', '0:0', 'x'.repeat(3_000_000)],
	['link', 'symlink', '', '0:0', '', 'bin/su'],
	['locked', 'file', '0000', '65534:65534', 'locked'],
	['new\nline', 'file', '0644', '0:0', 'newline'],
	[longName, 'file', '0644', '0:0', 'long name'],
	['opaque', 'directory', '0755', '7:8'],
	['opaque/upper', 'file', '0644', '0:0', 'upper'],
	['pipe', 'fifo', '0620', '5:6'],
	['tmp', 'directory', '1777', '0:0'],
	['var', 'directory', '0755', '0:0'],
	['var/new', 'file', '0644', '0:0', 'new'],
	['was-directory', 'file', '0644', '0:0', 'now a file'],
	['was-file', 'directory', '0755', '0:0'],
	['xattr', 'file', '0644', '0:0', 'xattr', '', '', {'user.test': '00ff0a'}],
	...longPath.map((_, at) => [longPath.slice(0, at + 1).join('/'), 'directory', '0755', '0:0'] as const),
	[`${longPath.join('/')}/leaf`, 'file', '0644', '0:0', 'long path'] as const,
];

export const nastyTree: readonly Listed[] = rows
	.map(([path, type, mode, owner, content = '', target = '', same = '', xattrs = {}]): Listed => {
		const mtime = type !== 'file' ? 0 : path === 'var/new' ? 1_700_000_000 : 1000;
		return [path, type, mode, owner, mtime, type === 'file' ? digest(content) : '', target, same, xattrs];
	})
	.sort(([one], [two]) => (one < two ? -1 : 1));

function digest(content: string): string {
	return createHash('sha256').update(Buffer.from(content, 'latin1')).digest('hex').slice(0, 16);
}
