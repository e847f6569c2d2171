import test from 'ava';
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync} from 'node:fs';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {DockerDaemon} from '../support/docker-daemon.ts';
import {asNamespaceRoot} from '../support/namespace-root.ts';
import {controlGroups, debianProgram, docker, manyIds, root} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {printedBy, runProgram, Workplace, type RunOptions} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

const umoci = debianProgram('umoci');
const skopeo = debianProgram('skopeo');
const podman = debianProgram('podman');

/**
 * One line for each file: type, mode, owner, size, target and content. Runs in the step, and over what came out. No link count: an overlay
 * still shows the old one when another name of the file was changed.
 */
const listing = String.raw`cd "$1" && find . -xdev | sort | while IFS= read -r f; do
	case $f in .|./.dockerenv|./listing|./proc|./proc/*|./sys|./sys/*|./dev|./dev/*|./run|./run/*|./tmp|./etc/mtab|./etc/resolv.conf|./etc/hosts|./etc/hostname) continue;; esac
	if [ -L "$f" ]; then echo "$f $(stat -c '%A %u:%g' "$f") $(readlink "$f")"
	elif [ -f "$f" ]; then echo "$f $(stat -c '%A %u:%g %s' "$f") $(sha256sum < "$f")"
	else echo "$f $(stat -c '%A %u:%g' "$f")"; fi
done; [ a/two -ef a/three ] && echo 'two is three'`;

/** Changes that only many ids allow are left out where there is one. */
const changes = manyIds.holds
	? 'RUN chown -R 1000:1000 /a && chown 0:29 /a/two && mkdir -m 1777 /var && touch /var/x && chown 65534 /var/x\nUSER app\nRUN echo mine > /a/app\nUSER root\n'
	: '';
const boxfile = `COPY --chmod=755 bin/listing /bin/listing
RUN mkdir -p /a/b/c /d && echo 1 > /a/one && echo 2 > /a/two && ln /a/one /a/hard && ln -s ../a/one /d/soft && mkfifo /d/pipe
RUN chmod 4755 /a/two && chmod 000 /a/one && chmod 700 /a/b && truncate -s 1000000 /d/sparse && echo end >> /d/sparse
RUN echo more >> /a/one && rm -r /a/b && mkdir /a/b && echo new > /a/b/new && mv /d/soft /d/softer
${changes}RUN ln /a/two /a/three
RUN sh /bin/listing / > /listing
`;
const files = busyboxFiles(boxfile, {'bin/listing': listing});

/** Runs a command as the root of the namespace of the images. */
async function asRoot(command: readonly string[], options: RunOptions = {}): Promise<string> {
	return printedBy([...asNamespaceRoot(), ...command], options);
}

/** Podman refuses directories for its state with more than 50 characters. */
function shortDirectory(): string {
	return mkdtempSync('/tmp/bb-');
}

/** The listing that the last step made and the same over an unpacked tree. */
async function compare(t: Parameters<Workplace['built']>[0], tree: string): Promise<void> {
	const seen = await asRoot(['cat', `${tree}/listing`]);
	const found = await asRoot(['sh', '-c', listing, 'sh', tree]);
	t.true(seen.split('\n').length > 100 && seen.includes('two is three'));
	t.deepEqual(found.split('\n'), seen.split('\n'));
}

when(busybox, 'one build, every kind of output at once', async (t) => {
	const at = place.directory;
	const outputs = [
		`type=oci,dest=${at}/oci.tar`,
		`type=oci,tar=false,dest=${at}/oci`,
		`type=docker,dest=${at}/docker.tar`,
		`type=tar,dest=${at}/root.tar`,
		`${at}/local`,
		`type=oci,dest=${at}/plain.tar,compression=none`,
	];
	await place.built(t, files, ['-t', 'all:v1', ...outputs.flatMap((output) => ['-o', output])]);
	t.deepEqual(
		readdirSync(at)
			.filter((name) => /^(?:oci|docker|root|local|plain)/v.test(name))
			.sort(),
		['docker.tar', 'local', 'oci', 'oci.tar', 'plain.tar', 'root.tar'],
	);
});

when(busybox, 'the rootfs tar on standard output is the same as in a file', async (t) => {
	const digest = 'sha256sum';
	const {stdout, stderr} = await place.built(t, files, ['-o', '-']);
	t.regex(stderr, /writing tar to standard output/v);
	const written = await printedBy([digest, `${place.directory}/root.tar`]);
	t.is(written.slice(0, 64), createHash('sha256').update(Buffer.from(stdout, 'latin1')).digest('hex'));
});

when([busybox, manyIds], 'the tar unpacks to what the last step saw', async (t) => {
	const tree = place.fresh('tree');
	mkdirSync(tree);
	await asRoot(['tar', '--same-owner', '-p', '--numeric-owner', '-C', tree, '-xf', `${place.directory}/root.tar`]);
	await compare(t, tree);
});

when(busybox, 'the local directory is what the last step saw, but for owners', async (t) => {
	const tree = `${place.directory}/local`;
	const strip = (text: string): readonly string[] => text.split('\n').map((line) => line.replace(/ \d+:\d+( \d+)?/v, ' '));
	const seen = await asRoot(['cat', `${tree}/listing`]);
	const found = await asRoot(['sh', '-c', listing, 'sh', tree]);
	t.deepEqual(strip(found), strip(seen));
});

when([busybox, umoci], 'umoci unpacks the OCI directory to what the last step saw', async (t) => {
	const tree = place.fresh('umoci');
	const mode = manyIds.holds ? [] : ['--rootless'];
	await asRoot(['umoci', 'unpack', ...mode, '--image', `${place.directory}/oci:v1`, tree]);
	await compare(t, `${tree}/rootfs`);
});

when([busybox, skopeo], 'skopeo reads every image output and finds the same image', async (t) => {
	const at = place.directory;
	const diffs: string[] = [];
	for (const name of [`oci:${at}/oci:v1`, `oci-archive:${at}/oci.tar`, `oci-archive:${at}/plain.tar`, `docker-archive:${at}/docker.tar`]) {
		const config = JSON.parse(await printedBy(['skopeo', 'inspect', '--config', name])) as {rootfs: {diff_ids: string[]}};
		diffs.push(config.rootfs.diff_ids.join());
		await printedBy(['skopeo', 'copy', '--quiet', '--insecure-policy', name, `dir:${place.fresh('dir')}`]);
	}
	t.is(new Set(diffs).size, 1);
});

when([busybox, podman], 'podman loads the OCI and the docker archive, and its tree is what the last step saw', async (t) => {
	const base = shortDirectory();
	const rootless = ['podman', '--root', `${base}/root`, '--runroot', `${base}/run`, '--storage-driver', 'vfs'];
	const env = {XDG_RUNTIME_DIR: `${base}/xdg`, HOME: base};
	mkdirSync(`${base}/xdg`, {mode: 0o700});
	for (const archive of ['oci.tar', 'docker.tar']) {
		const loaded = await runProgram([...rootless, 'load', '--input', `${place.directory}/${archive}`], {env});
		t.is(loaded.code, 0, loaded.stderr);
		const script = `tree=$(${rootless.join(' ')} image mount all:v1) && sh -c "$0" sh "$tree" && echo ==== && cat "$tree/listing"`;
		const command = process.getuid?.() === 0 ? ['sh', '-c', script, listing] : [...rootless, 'unshare', 'sh', '-c', script, listing];
		if (manyIds.holds) {
			const [found = '', seen = ''] = (await printedBy(command, {env})).split('====\n');
			t.deepEqual(found.trim().split('\n'), seen.trim().split('\n'));
		}
	}
	const pause = `${base}/xdg/libpod/tmp/pause.pid`;
	if (existsSync(pause)) process.kill(Number(readFileSync(pause, 'utf8')));
	await runProgram([...asNamespaceRoot(), 'rm', '-rf', base]);
});

when([busybox, root, docker, controlGroups], 'Docker loads the image, and its tree is what the last step saw', async (t) => {
	const daemon = await DockerDaemon.start();
	try {
		await daemon.printed('load', '--input', `${place.directory}/docker.tar`);
		const id = (await daemon.printed('create', 'all:v1', '/bin/sh')).trim();
		const tree = place.fresh('tree');
		mkdirSync(tree);
		await daemon.printed('export', '--output', `${tree}.tar`, id);
		await printedBy(['tar', '-C', tree, '--numeric-owner', '-pxf', `${tree}.tar`]);
		await compare(t, tree);
	} finally {
		await daemon.stop();
	}
});

when(busybox, 'an image that was written is a base again, by every transport', async (t) => {
	const at = place.directory;
	const found = new Set<string>();
	for (const base of [`oci:${at}/oci:v1`, `oci-archive:${at}/oci.tar`, `docker-archive:${at}/docker.tar`, 'all:v1']) {
		const tar = place.fresh('again.tar');
		await place.built(t, {Boxfile: `FROM ${base}\nRUN cat /a/b/new > /again\n`}, ['-o', `type=tar,dest=${tar}`]);
		t.is(await printedBy(['tar', '-xOf', tar, 'again']), 'new\n');
		found.add((await printedBy(['sha256sum', tar])).slice(0, 64));
	}
	t.is(found.size, 1);
});

when(busybox, 'what stands in the way of an output is said, and nothing is overwritten', async (t) => {
	const place2 = place.context({kept: 'kept'});
	const ended = await place.build(files, ['-o', `type=oci,tar=false,dest=${place2}`]);
	t.not(ended.code, 0);
	t.not(ended.code, 70, ended.stderr);
	t.is(readFileSync(`${place2}/kept`, 'utf8'), 'kept');
	const missing = await place.build(files, ['-o', 'type=oci,dest=/nonexistent/x.tar']);
	t.not(missing.code, 0);
	t.not(missing.code, 70, missing.stderr);
});

when(busybox, 'ls, inspect, history and images show what was built', async (t) => {
	t.regex((await place.boxbuild(['ls', '-R', 'all:v1'])).stdout, /a\/b\/new/v);
	t.regex((await place.boxbuild(['inspect', 'all:v1'])).stdout, /diff_ids|rootfs/v);
	t.regex((await place.boxbuild(['history', 'all:v1'])).stdout, /mkfifo/v);
	t.regex((await place.boxbuild(['images'])).stdout, /all/v);
	t.is((await place.boxbuild(['rm', 'all:v1'])).code, 0);
	t.is((await place.boxbuild(['inspect', 'all:v1'])).code, 2);
});

test.serial('the root file system tar has the owners of links too, whatever ids this user has', async (t) => {
	const context = place.context({Boxfile: 'FROM scratch\nCOPY --chown=1000:1001 d /d\n', 'd/a': 'a'});
	symlinkSync('a', `${context}/d/l`);
	const tar = `${place.directory}/owners.tar`;
	const {code, stderr} = await place.boxbuild(['build', context, '-q', '-o', `type=tar,dest=${tar}`]);
	t.is(code, 0, stderr);
	const listing = await printedBy(['tar', '-tvf', tar, '--numeric-owner']);
	t.deepEqual(
		listing
			.trim()
			.split('\n')
			.map((line) => line.split(/\s+/v)[1]),
		['1000/1001', '1000/1001', '1000/1001'],
	);
});
