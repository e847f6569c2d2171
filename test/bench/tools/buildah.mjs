import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {baseNames} from '../base-name.mjs';
import {buildOptions} from '../build-options.mjs';
import {check} from '../check.mjs';

/** buildah as an ordinary user: the kernel's overlay, chroot isolation, layers cached. */
export function makeBuildah(bench) {
	const directory = join(bench.top, 'buildah');
	const configuration = join(directory, 'storage.conf');
	const environment = {CONTAINERS_STORAGE_CONF: configuration};
	const runIn = (name, program, ...args) => {
		const places = ['--root', join(directory, `graph${name}`), '--runroot', join(directory, `run${name}`), '--storage-driver', 'overlay'];
		return bench.asUser([program, ...places, ...args], {environment});
	};
	const run = (...args) => runIn('', 'buildah', ...args);
	const plain = '--tls-verify=false';
	let count = 0;
	/** Actions have a storage without anything: none finds a layer of the one before. */
	const renew = () => {
		count++;
	};
	const addBases = async () => {
		for (const [base, tar] of Object.entries(bench.tars)) {
			const container = check(await run('from', 'scratch'), 'buildah from').output.trim();
			check(await run('add', container, tar, '/'), 'buildah add');
			check(await run('commit', '--rm', container, baseNames[base]), 'buildah commit');
		}
	};
	const tool = {
		name: 'buildah',
		start: async () => {
			bench.own('buildah');
			// Without a mount_program, so that it is the kernel's overlay and never fuse-overlayfs.
			writeFileSync(configuration, '[storage]\ndriver = "overlay"\n', {mode: 0o644});
			tool.version = check(await run('--version'), 'buildah --version').output.trim();
			await addBases();
		},
		reset: async () => {
			if ((await run('rmi', '--prune', '--force')).status === 0) return;
			// It now and then leaves an image without its manifest, which nothing but this removes.
			await bench.inNamespace(['rm', '-rf', join(directory, 'graph'), join(directory, 'run')]);
			await addBases();
		},
		clean: async () => {
			await bench.inNamespace(['sh', '-c', `rm -rf ${directory}/graph-* ${directory}/run-*`]);
			await tool.reset();
		},
		prepare: {
			importTar: renew,
			pull: renew,
			push: async () => check(await run('pull', plain, bench.imageName), 'buildah pull'),
		},
		actions: {
			// The two programs have one store; buildah itself would pack the tar that it has just unpacked.
			importTar: () => runIn(`-${count}`, 'podman', 'import', bench.tars.debian, 'imported'),
			pull: () => runIn(`-${count}`, 'buildah', 'pull', plain, bench.imageName),
			push: () => run('push', plain, bench.imageName),
		},
		build: (context, {phase}) =>
			run('build', '--layers', '--isolation', 'chroot', ...(phase.cold ? ['--no-cache'] : []), ...buildOptions(context, phase), context),
		stop: () => bench.inNamespace(['rm', '-rf', directory], {cleanup: true}),
	};
	return tool;
}
