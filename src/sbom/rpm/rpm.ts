import {baseOf, type RawPath} from '../../core/raw-path.ts';
import type {DatabaseCataloger} from '../cataloger.ts';
import type {FileVersion, Report} from '../file-version.ts';
import type {ListedPackage} from '../listed-package.ts';
import {readBerkeleyHash} from './berkeley-hash.ts';
import {DatabaseFault, exactReader} from './database-fault.ts';
import {parseHeader, type RpmHeader, tags} from './header.ts';
import {readNdb} from './ndb.ts';
import {openPages} from './sqlite-pages.ts';
import {readTable} from './sqlite-table.ts';

/** Packages of one database. */
const mostPackages = 200_000;

/** Fedora, openSUSE and their relatives: the three forms of databases that rpm has had, in the places where distributions have them. */
export const rpmCataloger: DatabaseCataloger = {
	kind: 'database',
	name: 'rpm',
	matches: ({path}) =>
		path.includes('/rpm/') &&
		/(?:^|\/)(?:var\/lib\/rpm|usr\/lib\/sysimage\/rpm|usr\/share\/rpm)\/(?:rpmdb\.sqlite(?:-wal)?|Packages|Packages\.db)$/v.test(path),
	companion: (path) => (path.endsWith('.sqlite') ? (`${path}-wal` as RawPath) : undefined),
	// A log alone is left over from a database that is gone.
	list: (file, log, report) => (file.path.endsWith('-wal') ? [] : listDatabase(file, log, report)),
};

function listDatabase(file: FileVersion, log: FileVersion | undefined, report: Report): readonly ListedPackage[] {
	const found: ListedPackage[] = [];
	try {
		for (const blob of headersOf(file, log)) {
			if (found.length > mostPackages) throw new DatabaseFault(`has more than ${mostPackages} packages`);
			const listed = packageOf(parseHeader(blob), file.path);
			if (typeof listed === 'string') report(file, listed);
			else if (listed !== undefined) found.push(listed);
		}
	} catch (error) {
		if (!(error instanceof DatabaseFault)) throw error;
		report(file, `it ${error.message}`);
	}
	return found;
}

function* headersOf(file: FileVersion, log: FileVersion | undefined): Generator<Uint8Array> {
	const read = exactReader(file);
	switch (baseOf(file.path) as string) {
		case 'Packages':
			return yield* readBerkeleyHash(read, file.size);
		case 'Packages.db':
			return yield* readNdb(read);
		default: {
			const pages = openPages({size: file.size, read}, log === undefined ? undefined : {size: log.size, read: exactReader(log)});
			for (const [, blob] of readTable(pages, 'Packages')) {
				if (!(blob instanceof Uint8Array)) throw new DatabaseFault('has a package without a header');
				yield blob;
			}
		}
	}
}

/** A package, undefined for a key that rpm keeps among them, or what is wrong. */
function packageOf(header: RpmHeader, path: RawPath): ListedPackage | string | undefined {
	const text = (tag: (typeof tags)[keyof typeof tags]): string => {
		const value = header.get(tag);
		return typeof value === 'string' && value !== '(none)' ? value : '';
	};
	const [name, version, release] = [text(tags.name), text(tags.version), text(tags.release)];
	if (name === 'gpg-pubkey') return undefined;
	if (name === '' || version === '') return 'it has a package without a name or a version';
	const epoch = header.get(tags.epoch);
	const supplier = text(tags.vendor) || text(tags.packager);
	const source = sourceOf(text(tags.source));
	return {
		type: 'rpm',
		name,
		version: release === '' ? version : `${version}-${release}`,
		licences: text(tags.licence) === '' ? [] : [text(tags.licence)],
		path,
		...(text(tags.arch) === '' ? {} : {architecture: text(tags.arch)}),
		...(typeof epoch === 'number' ? {epoch} : {}),
		...(source === undefined ? {} : {source}),
		...(supplier === '' ? {} : {supplier}),
	};
}

/** NAME-VERSION-RELEASE.src.rpm. */
function sourceOf(file: string): ListedPackage['source'] {
	const [, name, version, release] = /^(.+)-([^\-]+)-([^\-]+)\.(?:no)?src\.rpm$/v.exec(file) ?? [];
	return name === undefined ? undefined : {name, version: `${version}-${release}`};
}
