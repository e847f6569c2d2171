import {readlinkSync} from 'node:fs';
import {ownerOf} from '../core/owner-mark.ts';
import type {RawPath} from '../core/raw-path.ts';
import type {FileStat} from '../host/file-stat.ts';
import type {TarEntry} from '../tar/entry.ts';
import type {XattrView} from './layer-xattrs.ts';

/** The entry that describes a file of a layer directory or merged view; undefined for a socket, which no layer can hold. */
export function entryOfFile(path: RawPath, at: Buffer, stat: FileStat, xattrs: XattrView, mtime: number): TarEntry | undefined {
	if (stat.type === 'socket') return undefined;
	const {uid, gid} = ownerOf(xattrs.owner, stat);
	return {
		path,
		type: stat.type,
		mode: stat.type === 'symlink' ? 0o777 : stat.mode,
		uid,
		gid,
		size: stat.type === 'file' ? stat.size : 0,
		mtime,
		...(stat.type === 'symlink' ? {link: readlinkSync(at, {encoding: 'latin1'})} : {}),
		...(stat.type === 'char' || stat.type === 'block' ? {device: {major: stat.major, minor: stat.minor}} : {}),
		...(xattrs.carried === undefined ? {} : {xattrs: xattrs.carried}),
	};
}
