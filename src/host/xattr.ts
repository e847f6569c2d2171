import {checked, cPath, errno, errnoNumber, lastErrno, libcFunction, SystemCallError} from './libc.ts';

type PathCall = (path: Buffer, buffer: Buffer, size: number) => number | bigint;
type NameCall = (path: Buffer, name: Buffer, buffer: Buffer, size: number) => number | bigint;

const llistxattr = libcFunction('long llistxattr(void *path, void *list, ulong size)') as PathCall;
const lgetxattr = libcFunction('long lgetxattr(void *path, void *name, void *value, ulong size)') as NameCall;
const getxattr = libcFunction('long getxattr(void *path, void *name, void *value, ulong size)') as NameCall;
const lsetxattr = libcFunction('int lsetxattr(void *path, void *name, void *value, ulong size, int flags)') as (
	path: Buffer,
	name: Buffer,
	value: Buffer,
	size: number,
	flags: number,
) => number;
const lremovexattr = libcFunction('int lremovexattr(void *path, void *name)') as (path: Buffer, name: Buffer) => number;

/** XATTR_LIST_MAX and XATTR_SIZE_MAX of linux/limits.h: nothing is ever longer. */
const buffer = Buffer.alloc(65536);

/** Names (latin1) of a file's extended attributes, a symlink's own; [] where the file system has none. */
export function listXattrs(path: Buffer): string[] {
	const length = Number(llistxattr(cPath(path), buffer, buffer.length));
	if (length === 0) return [];
	if (length > 0) return buffer.toString('latin1', 0, length - 1).split('\0');
	if (errno() === errnoNumber('EOPNOTSUPP')) return [];
	throw new SystemCallError('llistxattr', errno(), path.toString('utf8'));
}

/** The value as latin1 bytes, or undefined when there is no such attribute. */
export function getXattr(path: Buffer, name: string): string | undefined {
	const length = Number(lgetxattr(cPath(path), cPath(Buffer.from(name, 'latin1')), buffer, buffer.length));
	if (length >= 0) return buffer.toString('latin1', 0, length);
	const code = lastErrno();
	if (code === 'ENODATA' || code === 'EOPNOTSUPP' || code === 'ENOTSUP') return undefined;
	throw new SystemCallError(`lgetxattr ${name}`, errno(), path.toString('utf8'));
}

/** True when a file has an attribute, or the file behind a last symlink. */
export function hasXattr(path: Buffer, name: string, follow: boolean): boolean {
	return (follow ? getxattr : lgetxattr)(cPath(path), nameOf(name), noValue, 0) >= 0;
}

const noValue = Buffer.alloc(1);
const names = new Map<string, Buffer>();

/** A name as the kernel takes it. */
function nameOf(name: string): Buffer {
	const known = names.get(name) ?? cPath(Buffer.from(name, 'latin1'));
	if (names.size < 100) names.set(name, known);
	return known;
}

export function setXattr(path: Buffer, name: string, value: string): void {
	const bytes = Buffer.from(value, 'latin1');
	checked(lsetxattr(cPath(path), cPath(Buffer.from(name, 'latin1')), bytes, bytes.length, 0), `lsetxattr ${name} ${path.toString('utf8')}`);
}

/** Removes an attribute; it is no error when there is none. */
export function removeXattr(path: Buffer, name: string): void {
	if (lremovexattr(cPath(path), cPath(Buffer.from(name, 'latin1'))) === 0 || lastErrno() === 'ENODATA') return;
	throw new SystemCallError(`lremovexattr ${name}`, errno(), path.toString('utf8'));
}
