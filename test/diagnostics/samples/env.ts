import type {Diagnostic} from '../../../src/diagnostics/diagnostic.ts';
import * as env from '../../../src/diagnostics/env.ts';
import {envLimit} from '../../../src/diagnostics/limits.ts';

export const samples: readonly Diagnostic[] = [
	env.envNoArchitecture('riscv64', ['x64', 'arm64']),
	env.envNoDriver('auto', ["the kernel's overlay does not work on the store: mount overlay: EINVAL", '/dev/fuse does not exist']),
	env.envNoNamespace(
		['making namespaces: the kernel answers ENOSPC', 'user.max_user_namespaces is 0'],
		['raise it: sysctl user.max_user_namespaces=10000'],
	),
	env.envIdMode('multi', 'newuidmap is not installed (Debian package uidmap)'),
	env.envNotConfined(['making namespaces: the kernel answers EPERM']),
	env.envNothingWorks(),
	env.envForeignProgram(
		{source: {name: 'Boxfile', text: 'FROM base\nRUN make\n'}, span: {start: 10, end: 18}},
		{
			command: '/bin/sh',
			platform: 'linux/arm64',
			facts: ['/proc/sys/fs/binfmt_misc is not mounted', 'there is no `qemu-aarch64-static` on the PATH'],
		},
	),
	env.envServerEnded('fuse-overlayfs', 'SIGKILL', ''),
	env.envServerEnded('fuse-overlayfs', 'exit code 1', 'cannot allocate memory'),
	env.envWorkerEnded(),
	envLimit({
		name: 'pids',
		value: 100,
		facts: ['/sys/fs/cgroup has no pids controller', 'the kernel does not count processes of root (RLIMIT_NPROC)'],
	}),
	envLimit({name: 'memory', value: 512 * 1024 ** 2, facts: ['no version 2 hierarchy of control groups is mounted']}),
];
