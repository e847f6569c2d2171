import type {Diagnostic, Label} from './diagnostic.ts';

export function unknownMountOption(
	primary: Label,
	option: {
		readonly key: string;
		readonly type: string | undefined;
		readonly known: readonly string[];
		readonly suggestion: string | undefined;
	},
): Diagnostic {
	const {key, type, known, suggestion} = option;
	const what = type === undefined ? '`--mount`' : `a mount of type \`${type}\``;
	return {
		code: 'instruction/unknown-mount-option',
		severity: 'error',
		message: `${what} has no option \`${key}\``,
		primary,
		because: [`its options are ${known.map((name) => `\`${name}\``).join(', ')}`],
		...(suggestion === undefined ? {} : {help: [`did you mean \`${suggestion}\`?`]}),
		data: {option: key},
	};
}

export function badMount(
	primary: Label,
	problem: {readonly message: string; readonly because?: string; readonly help?: string},
): Diagnostic {
	const {message, because, help} = problem;
	return {
		code: 'instruction/bad-mount',
		severity: 'error',
		message,
		primary,
		...(because === undefined ? {} : {because: [because]}),
		...(help === undefined ? {} : {help: [help]}),
	};
}

export function stepSecretMissing(id: string, target: string): Diagnostic {
	return {
		code: 'step/secret-missing',
		severity: 'error',
		message: `the step needs the secret \`${id}\`, and the command line gives none`,
		help: [`add --secret id=${id},src=FILE or --secret id=${id},env=VARIABLE`],
		data: {id, mount: target},
	};
}

export function stepSecretUnreadable(id: string, target: string, reason: string): Diagnostic {
	return {
		code: 'step/secret-unreadable',
		severity: 'error',
		message: `the secret \`${id}\` cannot be read`,
		because: [reason],
		help: ['look at what --secret names'],
		data: {id, mount: target},
	};
}

export function agentNotStarted(problem: string): Diagnostic {
	return {
		code: 'step/agent-not-started',
		severity: 'error',
		message: 'the SSH agent for the keys of `--ssh` does not start',
		because: [problem],
		help: ['install it, for example with `apt-get install openssh-client`, or give the socket of an agent: `--ssh ID=SOCKET`'],
	};
}

/** `problem` is what ssh-add says. */
export function agentKeysRefused(id: string, key: string, problem: string): Diagnostic {
	return {
		code: 'step/agent-keys-refused',
		severity: 'error',
		message: `the SSH agent \`${id}\` does not take the key \`${key}\``,
		because: [problem],
		help: ['add a key with a passphrase to an agent with `ssh-add`, and give its socket: `--ssh ID=SOCKET`'],
		data: {id, key},
	};
}

export function stepAgentMissing(id: string, target: string): Diagnostic {
	return {
		code: 'step/agent-missing',
		severity: 'error',
		message: `the step needs the SSH agent \`${id}\`, and the command line gives none`,
		help: [id === 'default' ? 'add --ssh default (it takes SSH_AUTH_SOCK), or --ssh default=SOCKET' : `add --ssh ${id}=SOCKET`],
		data: {id, mount: target},
	};
}

export function stepMountSource(target: string, source: string, errno: string): Diagnostic {
	const facts: Readonly<Record<string, string>> = {
		ENOENT: `\`/${source}\` does not exist there`,
		ENOTDIR: `a part of \`/${source}\` is no directory`,
		ELOOP: `\`/${source}\` leads through a symbolic link that may not be followed`,
	};
	return {
		code: 'step/mount-source',
		severity: 'error',
		message: `the source of the mount at \`${target}\` cannot be used`,
		because: [facts[errno] ?? `the kernel answers ${errno} for \`/${source}\``],
		data: {mount: target, source, errno},
	};
}

export function stepMountTarget(target: string, reason: string): Diagnostic {
	return {
		code: 'step/mount-target',
		severity: 'error',
		message: `nothing can be mounted at \`${target}\``,
		because: [reason],
		help: ['choose another target'],
		data: {mount: target},
	};
}

export function stepMountOwner(target: string, owner: string): Diagnostic {
	return {
		code: 'step/mount-owner',
		severity: 'error',
		message: `the mount at \`${target}\` cannot belong to ${owner}`,
		because: ['the user namespace of the build does not have that id'],
		help: [
			'give your user a range in /etc/subuid and /etc/subgid and install newuidmap (Debian package uidmap), or leave out `uid` and `gid`',
		],
		data: {mount: target},
	};
}
