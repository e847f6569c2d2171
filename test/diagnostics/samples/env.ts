import type {Diagnostic} from '../../../src/diagnostics/diagnostic.ts';
import * as env from '../../../src/diagnostics/env.ts';

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
];
