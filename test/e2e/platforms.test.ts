import test from 'ava';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {release} from 'node:os';
import {busyboxFiles, readBusybox, busybox} from '../support/busybox.ts';
import {met, missing, never} from '../support/requirement.ts';
import {debianProgram, notRoot, root} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

const qemu = debianProgram('qemu-aarch64-static', 'qemu-user-static');
const armFile = process.env['BOXBUILD_ARM64_BUSYBOX'] ?? '';
const armBusybox = existsSync(armFile)
	? met
	: missing('there is no busybox for arm64', 'set BOXBUILD_ARM64_BUSYBOX to the bin/busybox of the package busybox-static:arm64');
const [major = 0, minor = 0] = release().split('.').map(Number);
const ownRegistration =
	major > 6 || (major === 6 && minor >= 7)
		? met
		: never('user namespaces have no binfmt_misc of their own before Linux 6.7', 'run the tests on Linux 6.7 or later');
/** Root registers nothing of its own: for root it is as on a machine without QEMU. */
const unregistered = existsSync('/proc/sys/fs/binfmt_misc/qemu-aarch64')
	? never('the machine runs programs for arm64', 'unregister qemu-aarch64')
	: met;
/** amd64 and arm64 programs of one name: the platform's own is copied. */
const boxfile = `FROM scratch AS amd64
COPY bin/busybox /bin/busybox
FROM scratch AS arm64
COPY arm/bin/busybox /bin/busybox
FROM $TARGETARCH AS base
RUN ["/bin/busybox", "--install", "-s", "/bin"]
FROM --platform=$BUILDPLATFORM tools AS helper
RUN ["/bin/busybox", "sh", "-c", "head -c 8 /dev/urandom | /bin/busybox od -An -tx1 > /once"]
FROM base
ARG TARGETPLATFORM BUILDPLATFORM
COPY --from=helper /once /once
RUN uname -m > /machine && echo "$TARGETPLATFORM on $BUILDPLATFORM" > /about
RUN mkdir -p /etc && echo someone:x:7:7::/:/bin/sh > /etc/passwd && chown someone /about && su someone -c 'id -u' > /who
`;

function files(): Readonly<Record<string, string | Buffer>> {
	return {Boxfile: boxfile, 'bin/busybox': readBusybox(), 'arm/bin/busybox': readFileSync(armFile)};
}

when([busybox], 'every platform has its own logs', async (t) => {
	const own = new Workplace();
	t.teardown(() => own.remove());
	const text = busyboxFiles('ARG TARGETPLATFORM\nRUN echo "log of $TARGETPLATFORM"\n');
	await own.built(t, text, ['--platform', 'linux/amd64,linux/amd64/v2']);
	const [build = ''] = readdirSync(`${own.store}/logs`);
	const logs = readdirSync(`${own.store}/logs/${build}`).map((name) => readFileSync(`${own.store}/logs/${build}/${name}`, 'utf8'));
	t.deepEqual(logs.filter((log) => log.startsWith('log of')).sort(), ['log of linux/amd64\n', 'log of linux/amd64/v2\n']);
});

when(
	[notRoot, busybox, qemu, armBusybox, ownRegistration],
	'an index for two platforms: steps of the foreign one run by QEMU, registered for the build alone',
	async (t) => {
		await place.built(t, {Boxfile: 'FROM scratch\nCOPY bin/busybox /bin/busybox\n', 'bin/busybox': readBusybox()}, ['-t', 'tools']);
		const context = place.context(files());
		const directory = place.fresh('layout');
		const args = [
			'--platform',
			'linux/amd64,linux/arm64',
			'-t',
			'both',
			'-o',
			`type=oci,dest=${directory},tar=false`,
			'-o',
			place.fresh('trees'),
		];
		const {stdout} = await place.built(t, context, args);
		const digest = /^image (\S+)/v.exec(stdout)?.[1] ?? '';
		const [entry] = JSON.parse(readFileSync(`${directory}/index.json`, 'utf8')).manifests;
		t.is(entry.mediaType, 'application/vnd.oci.image.index.v1+json');
		const index = JSON.parse(readFileSync(`${directory}/blobs/sha256/${entry.digest.slice(7)}`, 'utf8'));
		t.deepEqual(
			index.manifests.map(({platform}: {platform: unknown}) => platform),
			[
				{os: 'linux', architecture: 'amd64'},
				{os: 'linux', architecture: 'arm64'},
			],
		);
		const trees = args.at(-1) ?? '';
		const read = (name: string): string => readFileSync(`${trees}/${name}`, 'utf8').trim();
		t.is(read('linux_amd64/machine'), 'x86_64');
		t.is(read('linux_arm64/machine'), 'aarch64');
		t.is(read('linux_arm64/about'), 'linux/arm64 on linux/amd64');
		t.is(read('linux_arm64/who'), '7');
		t.is(read('linux_arm64/once'), read('linux_amd64/once'), 'the stage of the build platform ran once');
		t.is(await place.digest(t, context, ['--platform', 'linux/amd64', '--platform', 'linux/arm64']), digest);
		// The index is a base for both.
		const {stdout: next} = await place.built(t, {Boxfile: 'FROM both\nRUN uname -m > /again\n'}, [
			'--platform',
			'linux/arm64',
			'-o',
			`${trees}-next`,
		]);
		t.regex(next, /^image /v);
		t.is(readFileSync(`${trees}-next/again`, 'utf8').trim(), 'aarch64');
	},
);

when([root, armBusybox, unregistered], 'programs of another machine without an emulator are a clear error', async (t) => {
	const {code, stderr} = await place.build(
		{Boxfile: 'FROM scratch\nCOPY bin/busybox /bin/busybox\nRUN ["/bin/busybox", "true"]\n', 'bin/busybox': readFileSync(armFile)},
		['--platform', 'linux/arm64'],
	);
	t.is(code, 3, stderr);
	t.regex(stderr, /is a program for linux\/arm64, which this machine cannot run/v);
	t.regex(stderr, /qemu-user-static/v);
});

when([busybox], 'a platform is asked for that the base does not have', async (t) => {
	await place.built(t, busyboxFiles('FROM scratch\nCOPY bin/busybox /bin/busybox\n'), [
		'--platform',
		'linux/amd64,linux/s390x',
		'-t',
		'some',
	]);
	const {code, stderr} = await place.build({Boxfile: 'FROM some\n'}, ['--platform', 'linux/riscv64']);
	t.is(code, 2);
	t.regex(stderr, /has no image for linux\/riscv64/v);
	t.regex(stderr, /linux\/amd64, linux\/s390x/v);
});
