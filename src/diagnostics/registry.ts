import {plainLine} from './plain-text.ts';
import type {Diagnostic} from './diagnostic.ts';

/** What a registry was asked about: `host/repository`, with `:tag` or `@digest` where one is meant. No factory shows credentials. */
type Subject = string;

const factLimit = 8;
const lengthLimit = 300;

/** Foreign lines as facts: plain, not too long, not too many. */
function facts(lines: readonly string[]): readonly string[] {
	const shown = lines.slice(0, factLimit).map((line) => {
		const plain = plainLine(line);
		return plain.length > lengthLimit ? `${plain.slice(0, lengthLimit)} ...` : plain;
	});
	return lines.length > factLimit ? [...shown, `and ${lines.length - factLimit} more`] : shown;
}

export function registryNotFound(subject: Subject, said: readonly string[]): Diagnostic {
	return {
		code: 'registry/not-found',
		severity: 'error',
		message: `the registry has no \`${subject}\``,
		because: facts(said),
		help: [
			'check the name and the tag; an image that is private is not shown to those who have not logged in (`podman login`, `docker login`)',
		],
		data: {subject},
	};
}

export interface Refusal {
	readonly subject: Subject;
	readonly host: string;
	/** What the registry said. */
	readonly said: readonly string[];
}

/** `looked` are the files and helpers in which credentials were looked for, `found` the one that had some. */
export function registryUnauthorized(refusal: Refusal, looked: readonly string[], found: string | undefined): Diagnostic {
	const {subject, host, said} = refusal;
	const where =
		found === undefined
			? `no credentials for \`${host}\` are in ${looked.join(', ') || 'any file'}`
			: `those from ${found} were not accepted`;
	return {
		code: 'registry/unauthorized',
		severity: 'error',
		message: `the registry wants credentials for \`${subject}\``,
		because: [...facts(said), where],
		help: [
			`run \`podman login ${host}\` or \`docker login ${host}\`, and check the name: many registries answer so for what does not exist`,
		],
		data: {subject, host},
	};
}

export function registryDenied({subject, host, said}: Refusal): Diagnostic {
	return {
		code: 'registry/denied',
		severity: 'error',
		message: `the registry does not allow this with \`${subject}\``,
		because: facts(said),
		help: [`use an account of \`${host}\` that has the right, or another name`],
		data: {subject, host},
	};
}

export function registryRefused({subject, host, said}: Refusal): Diagnostic {
	return {
		code: 'registry/refused',
		severity: 'error',
		message: `the registry refuses what was asked about \`${subject}\``,
		because: facts(said),
		help: [`find out what \`${host}\` does not take: a quota, a name, a format or a size`],
		data: {subject, host},
	};
}

export function registryRateLimited({subject, host, said}: Refusal): Diagnostic {
	return {
		code: 'registry/rate-limited',
		severity: 'error',
		message: `the registry has had too many requests, the last about \`${subject}\``,
		because: facts(said),
		help: [
			`wait, or log in: \`podman login ${host}\` or \`docker login ${host}\` raises most limits; or use a mirror (\`registries\` in config.yaml)`,
		],
		data: {subject, host},
	};
}

export function registryUnavailable({subject, host, said}: Refusal): Diagnostic {
	return {
		code: 'registry/unavailable',
		severity: 'error',
		message: `the registry cannot answer about \`${subject}\` now`,
		because: facts(said),
		help: [`try again later: \`${host}\` has a fault`],
		data: {subject, host},
	};
}

/** `problem` tells how the connection ended and how often it was tried. */
export function registryUnreachable(subject: Subject, host: string, problem: string): Diagnostic {
	return {
		code: 'registry/unreachable',
		severity: 'error',
		message: `the registry \`${host}\` cannot be reached`,
		because: [`it was asked about \`${subject}\``, problem],
		help: ['check the name, the network and the proxy variables (HTTPS_PROXY, NO_PROXY)'],
		data: {subject, host, problem},
	};
}

export function registryTls(host: string, problem: string): Diagnostic {
	return {
		code: 'registry/tls',
		severity: 'error',
		message: `the registry \`${host}\` does not prove who it is`,
		because: [problem],
		help: [
			`put its certificate authority into \`~/.config/containers/certs.d/${host}/ca.crt\`, or name the file in config.yaml: \`registries: {"${host}": {ca: FILE}}\``,
		],
		data: {host, problem},
	};
}

export function registryNeedsInsecure(host: string, problem: string): Diagnostic {
	return {
		code: 'registry/needs-insecure',
		severity: 'error',
		message: `the registry \`${host}\` does not speak TLS`,
		because: [problem, 'plain http is used without being asked only for this machine itself'],
		help: [`when its network can be trusted, allow it in config.yaml: \`registries: {"${host}": {insecure: true}}\``],
		data: {host},
	};
}

export function registryBlocked(name: string, file: string): Diagnostic {
	return {
		code: 'registry/blocked',
		severity: 'error',
		message: `\`${name}\` may not be used`,
		because: [`\`${file}\` blocks it`],
		help: ['use another registry, or ask who keeps that file'],
		data: {name, file},
	};
}

export function registryBadConfig(file: string, problem: string): Diagnostic {
	return {
		code: 'registry/bad-config',
		severity: 'error',
		message: `\`${file}\` cannot be used`,
		because: [plainLine(problem)],
		help: ['correct the file, or remove it'],
		data: {file, problem},
	};
}

export function registryWrongDigest(subject: Subject, wanted: string, found: string): Diagnostic {
	return {
		code: 'registry/wrong-digest',
		severity: 'error',
		message: `the registry gives other bytes than those of \`${subject}\``,
		because: [`expected ${plainLine(wanted)}`, `got ${plainLine(found)}`],
		help: ['try again; if it stays so, the registry, a mirror or a proxy on the way is damaged or changes what it passes on'],
		data: {subject, wanted, found},
	};
}

export function registryUnsupportedAnswer(subject: Subject, host: string, problem: string): Diagnostic {
	return {
		code: 'registry/unsupported-answer',
		severity: 'error',
		message: `\`${host}\` does not answer as a registry does`,
		because: [`it was asked about \`${subject}\``, ...facts([problem])],
		help: ['check that the name is that of a registry (OCI distribution 1.0 or later, Docker registry version 2)'],
		data: {subject, host, problem},
	};
}

export function registryMirrorFailed(mirror: string, problem: string): Diagnostic {
	return {
		code: 'registry/mirror-failed',
		severity: 'note',
		message: `the mirror \`${mirror}\` is passed over`,
		because: facts([problem]),
		data: {mirror, problem},
	};
}
