import test from 'ava';
import type {RawPath} from '../../src/core/raw-path.ts';
import type {ListedPackage} from '../../src/sbom/listed-package.ts';
import {parseOsRelease} from '../../src/sbom/os-release.ts';
import {purlOf} from '../../src/sbom/purl.ts';

const listed = (type: ListedPackage['type'], name: string, version: string, more: Partial<ListedPackage> = {}): ListedPackage => ({
	type,
	name,
	version,
	licences: [],
	path: 'x' as RawPath,
	...more,
});

test('package URLs have the namespace, the qualifiers and the escapes of purl-spec', (t) => {
	const debian = {id: 'debian', versionId: '12'};
	const cases: readonly (readonly [ListedPackage, Parameters<typeof purlOf>[1], string])[] = [
		[
			listed('deb', 'libgcc-s1', '12.2.0-14', {architecture: 'amd64', source: {name: 'gcc-12', version: '12.2.0-14'}}),
			debian,
			'pkg:deb/debian/libgcc-s1@12.2.0-14?arch=amd64&distro=debian-12&upstream=gcc-12',
		],
		[listed('deb', 'a', '1:2-3'), undefined, 'pkg:deb/debian/a@1%3A2-3'],
		[
			listed('apk', 'musl', '1.2-r0', {architecture: 'x86_64'}),
			{id: 'alpine', versionId: '3.19.1'},
			'pkg:apk/alpine/musl@1.2-r0?arch=x86_64&distro=alpine-3.19.1',
		],
		[
			listed('rpm', 'bash-libs', '5.2-1', {epoch: 1, source: {name: 'bash', version: '5.2-1'}}),
			{id: 'rhel', versionId: '9.3'},
			'pkg:rpm/redhat/bash-libs@5.2-1?distro=rhel-9.3&epoch=1&upstream=bash-5.2-1.src.rpm',
		],
		[listed('npm', '@types/node', '20.0.0'), debian, 'pkg:npm/%40types/node@20.0.0'],
		[listed('pypi', 'Foo_Bar', '1.0'), debian, 'pkg:pypi/foo-bar@1.0'],
		[listed('golang', 'github.com/a/b', 'v1.0.0'), debian, 'pkg:golang/github.com/a/b@v1.0.0'],
		[listed('golang', 'stdlib', '1.22.1'), debian, 'pkg:golang/stdlib@1.22.1'],
	];
	for (const [one, distribution, purl] of cases) t.is(decode(purlOf(one, distribution)), decode(purl));
});

/** Packages may escape `+` and `:` or not. */
const decode = (purl: string | undefined): string => decodeURIComponent(purl ?? 'none').replace('%40', '@');

test('os-release is read as the shell would', (t) => {
	t.deepEqual(parseOsRelease('ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian \\"12\\""\n#ID=x\n'), {
		id: 'debian',
		versionId: '12',
		prettyName: 'Debian "12"',
	});
	t.deepEqual(parseOsRelease("ID='opensuse-leap'\n"), {id: 'opensuse-leap'});
	t.is(parseOsRelease('ID=$(rm -rf /)\n'), undefined);
	t.is(parseOsRelease(''), undefined);
});
