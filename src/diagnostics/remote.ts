import type {Diagnostic} from './diagnostic.ts';

/** `url` without its credentials, as in every factory of this file. */
export function remoteFailed(url: string, problem: string): Diagnostic {
	return {
		code: 'context/remote-failed',
		severity: 'error',
		message: `\`${url}\` cannot be downloaded`,
		because: [problem],
		help: ['check the address and the network, or download the file once and put it into the build context'],
		data: {url, problem},
	};
}

export function checksumMismatch(source: string, wanted: string, found: string): Diagnostic {
	return {
		code: 'context/checksum-mismatch',
		severity: 'error',
		message: `\`${source}\` is not what its checksum says`,
		because: [`the checksum is \`${wanted}\``, `the content has \`${found}\``],
		help: ['find out why it changed; when the new content is right, write its checksum'],
		data: {source, wanted, found},
	};
}

export function gitMissing(): Diagnostic {
	return {
		code: 'context/git-missing',
		severity: 'error',
		message: 'the program `git` is needed and not installed',
		help: ['install it, for example with `apt-get install git`'],
	};
}

/** `output` is the end of what git said. */
export function gitFailed(repository: string, task: string, output: readonly string[]): Diagnostic {
	return {
		code: 'context/git-failed',
		severity: 'error',
		message: `git cannot ${task} \`${repository}\``,
		because: output.length === 0 ? ['git gave no reason'] : output,
		help: ['check the address; git is run without prompts and without your configuration'],
		data: {repository, task},
	};
}

/** What SSH said of a repository; `host` as ssh-keyscan(1) takes it. */
interface SshRefusal {
	readonly repository: string;
	readonly host: string;
	readonly output: readonly string[];
}

export function gitHostKey({repository, host, output}: SshRefusal): Diagnostic {
	const isChanged = output.some((line) => line.includes('HAS CHANGED') || line.includes('has changed'));
	const fingerprint = output.map((line) => /\bSHA256:\S+/v.exec(line)?.[0].replace(/\.$/v, '')).find((found) => found !== undefined);
	const because = isChanged
		? [
				'the server has another key than ~/.ssh/known_hosts or /etc/ssh/ssh_known_hosts says',
				...(fingerprint === undefined ? [] : [`the server's key has the fingerprint ${fingerprint}`]),
			]
		: ['neither ~/.ssh/known_hosts nor /etc/ssh/ssh_known_hosts has the key of the server'];
	const help = isChanged
		? ['ask who runs the server whether its key changed; if so, replace the line in the file']
		: [`run \`ssh-keyscan ${host} >>~/.ssh/known_hosts\` and compare the key with what the server's owner publishes`];
	return {
		code: 'context/ssh-host-key',
		severity: 'error',
		message: `the server of \`${repository}\` is not known`,
		because,
		help,
		data: {repository},
	};
}

export function gitSshDenied({repository, output, hasAgent}: SshRefusal & {readonly hasAgent: boolean}): Diagnostic {
	const said = output.filter((line) => /Permission denied|Too many/v.test(line));
	return {
		code: 'context/ssh-denied',
		severity: 'error',
		message: `the server of \`${repository}\` lets nobody in`,
		because: [
			...said.slice(-1).map((line) => line.replace(/\.$/v, '')),
			hasAgent ? 'no key of the agent `default` was accepted' : 'the command line gives no key',
		],
		help: [
			hasAgent
				? '`ssh-add -l` lists the keys of your agent; add the right one, or give its file: --ssh default=FILE'
				: 'add --ssh default (it takes SSH_AUTH_SOCK), or --ssh default=FILE with a private key',
		],
		data: {repository},
	};
}

export function gitSshMissing(repository: string): Diagnostic {
	return {
		code: 'context/ssh-missing',
		severity: 'error',
		message: `the program \`ssh\` is needed for \`${repository}\` and not installed`,
		help: ['install it, for example with `apt-get install openssh-client`'],
		data: {repository},
	};
}

export function gitNoRef(repository: string, ref: string, suggestion: string | undefined): Diagnostic {
	return {
		code: 'context/git-no-ref',
		severity: 'error',
		message: `\`${repository}\` has no branch, tag or commit \`${ref}\``,
		help: [
			suggestion === undefined
				? '`git ls-remote` lists what it has; a commit needs all of its 40 digits'
				: `did you mean \`${suggestion}\`?`,
		],
		data: {repository, ref, ...(suggestion === undefined ? {} : {suggestion})},
	};
}

export function gitNoDirectory(repository: string, subdir: string, problem: string): Diagnostic {
	return {
		code: 'context/git-no-directory',
		severity: 'error',
		message: `\`${subdir}\` is no directory of \`${repository}\``,
		because: [problem],
		help: ['name a directory of the repository behind the second `:`'],
		data: {repository, subdir, problem},
	};
}

/** `origin` is the archive as people say it: `the archive on standard input`; `problem` goes on after `it` or the entry: `is empty`. */
export function contextArchiveRefused(origin: string, problem: string, entry: string | undefined): Diagnostic {
	return {
		code: 'context/archive-refused',
		severity: 'error',
		message: `${origin} cannot be a build context`,
		because: [entry === undefined ? `it ${problem}` : `\`${entry}\` ${problem}`],
		help: ['make it with `tar c .` in the directory to build from; gzip, zstd, xz and bzip2 are fine'],
		data: {problem, ...(entry === undefined ? {} : {entry})},
	};
}

export function contextBoxfileOutside(name: string): Diagnostic {
	return {
		code: 'context/boxfile-outside',
		severity: 'error',
		message: `\`${name}\` leads out of the build context`,
		because: ['the context comes from elsewhere, and the file is not inside it'],
		help: ['make it a regular file of the context'],
		data: {name},
	};
}
