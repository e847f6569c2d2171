import test from 'ava';
import type {RawPath} from '../../src/core/raw-path.ts';
import {packageRoot} from '../../src/sbom/package-root.ts';
import {purlOf} from '../../src/sbom/purl.ts';
import {brief, inventoryOf, problemsOf} from '../support/layered-files.ts';

const status = (name: string, version: string): string => `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\n\n`;

test('a root file system inside the image has packages of its own, with its own documents', (t) => {
	const inventory = inventoryOf(
		{
			'var/lib/dpkg/status': status('a', '1'),
			'srv/root/var/lib/dpkg/status': status('a', '1') + status('b', '1'),
			'srv/root/usr/share/doc/b/copyright': 'Format: x\n\nFiles: *\nLicense: MIT\n',
			'usr/share/doc/b/copyright': 'Format: x\n\nFiles: *\nLicense: ISC\n',
			'etc/os-release': 'ID=debian\nVERSION_ID=12\n',
		},
		{'srv/root/var/lib/dpkg/status': status('a', '2') + status('b', '1')},
		{'opt/alpine/lib/apk/db/installed': 'P:musl\nV:1\n\n'},
	);
	t.deepEqual(brief(inventory), ['musl 1 2', 'a 1 0', 'a 2 1', 'b 1 0']);
	t.deepEqual(inventory.packages.at(-1)?.licences, ['MIT']);
	const [musl, own, other] = inventory.packages.map((found) => purlOf(found, inventory.distribution));
	t.is(musl, 'pkg:apk/alpine/musl@1', 'Debian says nothing of what is inside it');
	t.is(own, 'pkg:deb/debian/a@1?distro=debian-12');
	t.is(other, 'pkg:deb/debian/a@2');
});

test('a database in there that cannot be read is a note, one of the image itself is fatal', (t) => {
	t.deepEqual(problemsOf(inventoryOf({'go/testdata/var/lib/rpm/Packages': 'x', 'var/lib/rpm/Packages': 'x'})), [
		'fatal var/lib/rpm/Packages 0 it ends before byte 72',
		'partial go/testdata/var/lib/rpm/Packages 0 it ends before byte 72',
	]);
});

test('the root of a database is what stands before the places that distributions have', (t) => {
	const cases: Readonly<Record<string, string>> = {
		'var/lib/dpkg/status': '',
		'usr/lib/apk/db/installed': '',
		'lib/apk/db/installed': '',
		'usr/lib/sysimage/rpm/rpmdb.sqlite': '',
		'usr/share/rpm/rpmdb.sqlite': '',
		'srv/usr/lib/apk/db/installed': 'srv/',
		'var/lib/machines/x/var/lib/dpkg/status': 'var/lib/machines/x/',
		'a/b/lib/apk/db/installed': 'a/b/',
	};
	for (const [path, root] of Object.entries(cases)) t.is(packageRoot(path as RawPath), root, path);
});
