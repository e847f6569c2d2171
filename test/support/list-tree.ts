/**
 * A Python program that lists the tree of its first argument, for use in namespaces that other tools make: one JSON list a line, in order of the
 * bytes of the paths. Paths, targets and values of xattrs are latin1: every character is one byte.
 */
export const listTree = `
import hashlib, json, os, stat, sys
root = os.fsencode(sys.argv[1])
kinds = {stat.S_IFREG: 'file', stat.S_IFDIR: 'directory', stat.S_IFLNK: 'symlink', stat.S_IFIFO: 'fifo', stat.S_IFCHR: 'char', stat.S_IFBLK: 'block', stat.S_IFSOCK: 'socket'}
seen = {}
def look(path):
    at = os.path.join(root, path)
    s = os.lstat(at)
    kind = kinds[stat.S_IFMT(s.st_mode)]
    mode = '' if kind == 'symlink' else '%04o' % stat.S_IMODE(s.st_mode)
    content = target = same = ''
    if kind == 'file':
        with open(at, 'rb') as file: content = hashlib.sha256(file.read()).hexdigest()[:16]
    if kind == 'symlink': target = os.readlink(at).decode('latin1')
    if kind != 'directory':
        same = seen.setdefault((s.st_dev, s.st_ino), path).decode('latin1') if s.st_nlink > 1 else ''
    names = sorted(n for n in os.listxattr(at, follow_symlinks=False) if n.startswith('user.') or n == 'security.capability')
    names = [n for n in names if not n.startswith(('user.overlay.', 'user.rootlesscontainers', 'user.containers.'))]
    xattrs = {n: os.getxattr(at, n, follow_symlinks=False).hex() for n in names}
    print(json.dumps([path.decode('latin1'), kind, mode, '%d:%d' % (s.st_uid, s.st_gid), int(s.st_mtime) if kind == 'file' else 0, content, target, same, xattrs]))
    if kind == 'directory': walk(path)
def walk(path):
    for name in sorted(os.listdir(os.path.join(root, path))): look(os.path.join(path, name) if path else name)
walk(b'')
`;

/** One file of such a listing. */
export type Listed = readonly [
	path: string,
	type: string,
	mode: string,
	owner: string,
	mtime: number,
	content: string,
	target: string,
	same: string,
	xattrs: Readonly<Record<string, string>>,
];

export function parseListing(text: string): readonly Listed[] {
	return text
		.split('\n')
		.filter((line) => line.startsWith('['))
		.map((line) => JSON.parse(line) as Listed);
}
