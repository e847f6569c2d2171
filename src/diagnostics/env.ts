import type {Diagnostic, Label} from './diagnostic.ts';

export function envNoArchitecture(found: string, known: readonly string[]): Diagnostic {
	return {
		code: 'env/architecture',
		severity: 'error',
		message: `steps cannot be run on the processor architecture \`${found}\``,
		because: [`this program knows how to start steps on ${known.join(' and ')}`],
		help: ['build on one of those'],
		data: {found},
	};
}

export function envNoDriver(wanted: string, facts: readonly string[]): Diagnostic {
	return {
		code: 'env/no-driver',
		severity: 'error',
		message: wanted === 'auto' ? 'no way to stack layers works here' : `the driver \`${wanted}\` does not work here`,
		because: facts,
		help: [
			'put the store on another file system with --store DIR (ext4, xfs, btrfs or tmpfs)',
			'install fuse-overlayfs and give your user access to /dev/fuse',
		],
		data: {wanted},
	};
}

export function envNoNamespace(observed: readonly string[], help: readonly string[]): Diagnostic {
	return {
		code: 'env/no-user-namespace',
		severity: 'error',
		message: 'this machine does not let you make a user namespace',
		because: observed,
		help: [...help, 'run `boxbuild doctor` for everything that was probed'],
		data: {},
	};
}

export function envIdMode(wanted: string, obstacle: string): Diagnostic {
	return {
		code: 'env/id-mode',
		severity: 'error',
		message: `--ids ${wanted} does not work here`,
		because: [obstacle],
		help: ['leave --ids out to use what works, or change what stands in its way'],
		data: {wanted},
	};
}

export function envNotConfined(facts: readonly string[]): Diagnostic {
	return {
		code: 'env/not-confined',
		severity: 'warning',
		message: 'nothing separates the steps from this machine',
		because: [
			...facts,
			'without namespaces steps get a root directory of their own, which root can leave; they have neither /proc nor /sys',
			'secrets are files of the store until their step ends',
		],
		help: ['build like this only what you trust, in a container that you can lose; `boxbuild doctor` shows what namespaces lack here'],
		data: {},
	};
}

export function envNothingWorks(): Diagnostic {
	return {
		code: 'env/nothing-works',
		severity: 'error',
		message: 'this machine cannot run a step',
		because: ['every id mode and every driver was tried; the list above says what stopped each'],
		help: ['change one of them: user namespaces allowed, a store on ext4, xfs, btrfs or tmpfs, or fuse-overlayfs with /dev/fuse'],
		data: {},
	};
}

/** The worker, or the process that started it, was killed by somebody else than the build. */
export function envWorkerEnded(): Diagnostic {
	return {
		code: 'env/worker-ended',
		severity: 'error',
		message: 'the process that runs the steps was ended from outside',
		because: ['it was there before and said nothing'],
		help: [
			'look whether the machine ran out of memory (`dmesg`, `journalctl -k`); --memory and --jobs make steps need less',
			'run the same command again: finished steps are remembered',
		],
		data: {},
	};
}

/** A server of a mounted file system; `how`: a signal or an exit code; `words`: what it said. */
export function envServerEnded(name: string, how: string, words: string): Diagnostic {
	return {
		code: 'env/server-ended',
		severity: 'error',
		message: `${name} ended while its files were in use`,
		because: [`it ended with ${how}`, ...(words === '' ? [] : [`it said: ${words}`])],
		help: [
			'look whether the machine ran out of memory (`dmesg`, `journalctl -k`)',
			'run the same command again: nothing of the step is remembered',
			'where the kernel can stack layers itself, `--driver overlay` needs no server',
		],
		data: {name, how},
	};
}

export function envForeignProgram(
	label: Label,
	{command, platform, facts}: {readonly command: string; readonly platform: string; readonly facts: readonly string[]},
): Diagnostic {
	return {
		code: 'env/foreign-program',
		severity: 'error',
		message: `\`${command}\` is a program for ${platform}, which this machine cannot run`,
		primary: label,
		because: facts,
		help: [
			'install QEMU: apt-get install qemu-user-static (Debian, Ubuntu), dnf install qemu-user-static (Fedora)',
			'or run the step in a stage of this machine (`FROM --platform=$BUILDPLATFORM`) and copy its result',
		],
		data: {command, platform},
	};
}
