import {BuildError} from '../diagnostics/build-error.ts';
import {gitMissing} from '../diagnostics/remote.ts';

export interface GitRun {
	readonly signal: AbortSignal;
	/** Settings by name, handed over in the environment: they may be secret. */
	readonly settings?: Readonly<Record<string, string>>;
	/** Socket of the SSH agent whose keys it may use; without one it has no key at all. */
	readonly agent?: string | undefined;
}

export interface GitEnded {
	readonly ok: boolean;
	readonly stdout: string;
	/** The last lines of what it said. */
	readonly lines: readonly string[];
}

/** Variables that name proxies, in upper or lower case. */
const proxies = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'];

/** What git takes from the environment of the command. */
const passed = ['PATH', ...proxies, ...proxies.map((name) => name.toUpperCase())];

/**
 * The user's and the system's known hosts decide, and ssh itself replaces the variable (OpenSSH 8.4), which is not HOME because of .netrc: nothing is put into the text, which a
 * shell reads. Keys come from the agent only, so that a Boxfile uses none that the command line did not give.
 */
const sshCommand = [
	'ssh',
	'-F none',
	...[
		'BatchMode=yes',
		'StrictHostKeyChecking=yes',
		'UserKnownHostsFile=${BOXBUILD_HOME}/.ssh/known_hosts',
		'UpdateHostKeys=no',
		'IdentityFile=none',
		'ConnectTimeout=30',
	].map((option) => `-o '${option}'`),
].join(' ');

/**
 * Settings that hold whatever a repository says. Hooks and file monitors would be programs of the repository's choice; line ends and links
 * have to be what the commit has.
 */
const fixed: Readonly<Record<string, string>> = {
	'core.hooksPath': '/dev/null',
	'core.fsmonitor': 'false',
	'core.autocrlf': 'false',
	'core.symlinks': 'true',
	'core.protectHFS': 'true',
	'core.protectNTFS': 'true',
	'advice.detachedHead': 'false',
	'gc.auto': '0',
};

/** Runs the host's git without a shell, prompts, or the configuration of machine and user; only network protocols are allowed. */
export async function runGit(args: readonly string[], {signal, settings = {}, agent}: GitRun): Promise<GitEnded> {
	const all = Object.entries({...fixed, ...settings});
	const env: Record<string, string> = {
		LC_ALL: 'C',
		GIT_CONFIG_NOSYSTEM: '1',
		GIT_CONFIG_GLOBAL: '/dev/null',
		// No home: its .netrc has passwords that the command line did not give.
		HOME: '/dev/null',
		BOXBUILD_HOME: process.env['HOME'] ?? '/',
		GIT_TERMINAL_PROMPT: '0',
		GIT_ALLOW_PROTOCOL: 'http:https:ssh:git',
		GIT_SSH_COMMAND: sshCommand,
		GIT_SSH_VARIANT: 'ssh',
		...(agent === undefined ? {} : {SSH_AUTH_SOCK: agent}),
		GIT_CONFIG_COUNT: String(all.length),
	};
	for (const name of passed) {
		const value = process.env[name];
		if (value !== undefined) env[name] = value;
	}
	for (const [index, [name, value]] of all.entries()) {
		env[`GIT_CONFIG_KEY_${index}`] = name;
		env[`GIT_CONFIG_VALUE_${index}`] = value;
	}
	const {execa} = await import('execa');
	const ended = await execa('git', args, {env, extendEnv: false, stdin: 'ignore', reject: false, cancelSignal: signal});
	signal.throwIfAborted();
	if (ended.code === 'ENOENT') throw new BuildError(gitMissing(), {cause: ended});
	const lines = ended.stderr.split('\n').filter((line) => line.trim() !== '');
	return {ok: !ended.failed, stdout: ended.stdout, lines: lines.slice(-20)};
}
