import {Version} from '@cyclonedx/cyclonedx-library/Spec';
import {JsonStrictValidator} from '@cyclonedx/cyclonedx-library/Validation';
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import type {ExecutionContext} from 'ava';
import {debianTar} from '../support/debian-base.ts';
import {sbomFixture} from '../support/layered-files.ts';
import {debian, debianProgram, manyIds} from '../support/requirements.ts';
import {spdxFaults} from '../support/spdx-form.ts';
import {when} from '../support/when.ts';
import {Workplace} from '../support/workplace.ts';
import test from 'ava';

const place = new Workplace();
test.after.always(() => place.remove());

interface Found {
	readonly type: string;
	readonly name: string;
	readonly version: string;
	readonly architecture?: string;
	readonly layer: number;
	readonly path: string;
}

async function packagesOf(t: ExecutionContext, image: string): Promise<readonly Found[]> {
	const {code, stdout, stderr} = await place.boxbuild(['sbom', image, '--json']);
	t.is(code, 0, stderr);
	const lines = stdout.split('\n').filter((line) => line !== '');
	return lines.map((line) => JSON.parse(line) as Found);
}

const brief = (packages: readonly Found[], type: string): readonly string[] =>
	packages.filter((one) => one.type === type).map(({name, version, layer}) => `${name} ${version} ${layer}`);

/** Makes a package in a step and installs it, as apt would. */
const install = (name: string, version: string): string =>
	`RUN mkdir -p /tmp/p/DEBIAN && printf 'Package: ${name}\\nVersion: ${version}\\nArchitecture: all\\nMaintainer: A <a@example.org>\\nDescription: x\\n' >/tmp/p/DEBIAN/control && dpkg-deb --build /tmp/p /tmp/p.deb && dpkg --install /tmp/p.deb && rm -r /tmp/p /tmp/p.deb`;

when(
	[debian, debianProgram('dpkg-query', 'dpkg')],
	'the packages of Debian are those that dpkg-query lists, and are remembered',
	async (t) => {
		const tar = debianTar(place.directory);
		const imported = await place.boxbuild(['import', '-t', 'debian:bookworm', tar]);
		t.is(imported.code, 0, imported.stderr);
		const admin = place.fresh('dpkg');
		mkdirSync(admin);
		writeFileSync(`${admin}/status`, execFileSync('tar', ['-xOf', tar, './var/lib/dpkg/status'], {maxBuffer: 1 << 28}));
		const listed = execFileSync(
			'dpkg-query',
			['--admindir', admin, '-W', '-f', '${db:Status-Status} ${Package} ${Version} ${Architecture}\n'],
			{encoding: 'utf8'},
		);
		const expected = listed
			.split('\n')
			.filter((line) => line.startsWith('installed '))
			.map((line) => line.slice('installed '.length));
		const found = await packagesOf(t, 'debian:bookworm');
		t.deepEqual(found.map(({name, version, architecture}) => `${name} ${version} ${architecture}`).toSorted(), expected.toSorted());
		t.true(found.length > 80);
		t.true(found.every(({layer, path}) => layer === 0 && path === '/var/lib/dpkg/status'));
		// Nothing of the layers is there to look into: what was found the first time is remembered.
		renameSync(`${place.store}/layers`, `${place.directory}/away`);
		try {
			t.deepEqual(await packagesOf(t, 'debian:bookworm'), found);
		} finally {
			renameSync(`${place.directory}/away`, `${place.store}/layers`);
		}
	},
);

when(debian, 'a package is of the layer whose step brought its version, whatever ids and modes its files have', async (t) => {
	const boxfile = [
		'FROM debian:bookworm',
		install('boxbuild-one', '1.0'),
		install('boxbuild-two', '1.0'),
		'RUN touch /unrelated',
		install('boxbuild-one', '2.0'),
		'RUN dpkg --remove boxbuild-two',
		'COPY modules /srv/node_modules/',
		'RUN rm -r /srv/node_modules/gone && chmod 0600 /var/lib/dpkg/status /srv/node_modules/kept/package.json && chown 1:1 /srv/node_modules/kept/package.json',
		'COPY hello /usr/bin/hello',
		'RUN chmod 755 /usr/bin/hello && ln /usr/bin/hello /usr/bin/again',
	].join('\n');
	await place.built(
		t,
		{
			Boxfile: `${boxfile}\n`,
			'modules/kept/package.json': '{"name":"kept","version":"1.0.0","license":"MIT"}',
			'modules/gone/package.json': '{"name":"gone","version":"1.0.0"}',
			hello: sbomFixture('hello-amd64.buildinfo'),
		},
		['-t', 'layers'],
	);
	const found = await packagesOf(t, 'layers');
	const debs = brief(found, 'deb');
	t.deepEqual(
		debs.filter((line) => !line.endsWith(' 0')),
		['boxbuild-one 2.0 4'],
	);
	t.is(debs.length, brief(await packagesOf(t, 'debian:bookworm'), 'deb').length + 1);
	t.deepEqual(brief(found, 'npm'), ['kept 1.0.0 6']);
	// Not executable in the layer that brought it: the one that made it a program counts.
	t.deepEqual(
		found.filter(({type, name}) => type === 'golang' && name === 'stdlib').map(({version, layer}) => `${version} ${layer}`),
		['1.19.8 9'],
	);
});

when(debian, 'both documents are the same each time, to standard output and to a file, and in another store', async (t) => {
	const other = new Workplace();
	try {
		await other.boxbuild(['import', '-t', 'debian:bookworm', debianTar(place.directory)]);
		for (const format of ['spdx', 'cyclonedx']) {
			const file = place.fresh('sbom.json');
			const {stdout, code, stderr} = await place.boxbuild(['sbom', 'debian:bookworm', '--format', format]);
			t.is(code, 0, stderr);
			t.is((await place.boxbuild(['sbom', 'debian:bookworm', '--format', format, '-o', file])).stdout, '');
			t.is(readFileSync(file, 'latin1'), stdout);
			t.is((await other.boxbuild(['sbom', 'debian:bookworm', '--format', format])).stdout, stdout);
			t.regex(stdout, /pkg:deb\/debian\/bash@/v);
			if (format === 'spdx') t.deepEqual(spdxFaults(JSON.parse(Buffer.from(stdout, 'latin1').toString())), []);
			else t.is(await new JsonStrictValidator(Version.v1dot6).validate(Buffer.from(stdout, 'latin1').toString()), null);
		}
	} finally {
		await other.remove();
	}
});

test.serial('a database that cannot be read is an error with its place; no document is printed', async (t) => {
	const file = place.fresh('sbom.json');
	await place.built(t, {Boxfile: 'FROM scratch\nCOPY a /a\nCOPY status /var/lib/dpkg/status\n', a: '', status: 'Package: x\n\n'}, [
		'-t',
		'broken',
	]);
	const {code, stdout, stderr} = await place.boxbuild(['sbom', 'broken', '-o', file]);
	t.is(code, 2);
	t.is(stdout, '');
	t.false(existsSync(file));
	t.regex(stderr, /error\[sbom\/unreadable-database\]: the package database `\/var\/lib\/dpkg\/status` of the image cannot be read/v);
	t.regex(stderr, /its paragraph 1 has no version\n.*it is in layer 1, `sha256:/v);
});

test.serial(
	'metadata that cannot be read is a warning and a note in the document; an image without packages has a document, too',
	async (t) => {
		await place.built(t, {Boxfile: 'FROM scratch\nCOPY p /node_modules/a/package.json\n', p: '{'}, ['-t', 'partial']);
		const {code, stdout, stderr} = await place.boxbuild(['sbom', 'partial']);
		t.is(code, 0);
		t.regex(stderr, /warning\[sbom\/incomplete\]/v);
		t.regex(stdout, /packages may be missing: \/node_modules\/a\/package\.json of layer 0/v);
		await place.built(t, {Boxfile: 'FROM scratch\nLABEL a=b\n'}, ['-t', 'empty']);
		const {packages} = JSON.parse((await place.boxbuild(['sbom', 'empty'])).stdout) as {packages: readonly object[]};
		t.is(packages.length, 1);
	},
);

test.serial('an unknown image, format or directory is an error of usage', async (t) => {
	t.is((await place.boxbuild(['sbom', 'nothing'])).code, 2);
	t.is((await place.boxbuild(['sbom', 'empty', '--format', 'xml'])).code, 2);
	const {code, stderr} = await place.boxbuild(['sbom', 'empty', '-o', '/nowhere/sbom.json']);
	t.is(code, 2);
	t.regex(stderr, /export\/not-writable/v);
});

when([debian, manyIds], 'files that nobody outside the namespace may read are read', async (t) => {
	await place.built(
		t,
		{Boxfile: 'FROM debian:bookworm\nRUN chown -R 1000:1000 /var/lib/dpkg && chmod 700 /var/lib/dpkg && chmod 600 /var/lib/dpkg/status\n'},
		['-t', 'closed'],
	);
	t.deepEqual(brief(await packagesOf(t, 'closed'), 'deb'), brief(await packagesOf(t, 'debian:bookworm'), 'deb'));
});
