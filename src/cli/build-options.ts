import {availableParallelism} from 'node:os';
import {resolve} from 'node:path';
import {BuildError} from '../diagnostics/build-error.ts';
import {cliBadValue, cliUsage} from '../diagnostics/cli.ts';
import {exportOnePlatform} from '../diagnostics/export.ts';
import type {Source} from '../core/source.ts';
import type {Outcome} from '../diagnostics/diagnostic.ts';
import type {AttestationRequest} from '../executor/attestations.ts';
import type {BuildRequest, Epoch} from '../executor/build-request.ts';
import {type OutputSpec, parseOutput} from '../exporters/output-spec.ts';
import type {IdModeName} from '../isolation/id-mode.ts';
import type {Platform} from '../oci/image-config.ts';
import {parseReference} from '../oci/reference.ts';
import type {NamedContexts} from '../plan/named-context.ts';
import {parsePlatform, platformText} from '../plan/platform.ts';
import type {RegistriesConfig} from '../registry/settings.ts';
import type {PullPolicy} from '../sources/remote-images.ts';
import {type DriverName, driverNames} from '../rootfs/driver.ts';
import {checkAnnotations, parseAnnotation} from './annotation-option.ts';
import {parseProvenanceOption, parseSbomOption} from './attestation-options.ts';
import {parseHosts} from './host-options.ts';
import {parseLimits} from './limit-options.ts';
import {type FoundBoxfile, readBoxfile} from './read-boxfile.ts';
import {parseAgents, parseSecrets} from './secret-options.ts';
import {storeDirectory} from './store-directory.ts';

/** What the command line gives, as commander names it. */
export interface BuildFlags {
	readonly file?: string;
	readonly tag: readonly string[];
	readonly output: readonly string[];
	readonly target?: string;
	readonly buildArg: readonly string[];
	readonly buildContext?: readonly string[];
	readonly label: readonly string[];
	readonly annotation: readonly string[];
	readonly platform?: readonly string[];
	readonly epoch?: string;
	readonly timestamps?: 'keep';
	/** commander: true unless --no-cache; a text: the stages. */
	readonly cache: boolean | string;
	readonly network: 'host' | 'none';
	readonly allow?: readonly string[];
	readonly addHost?: readonly string[];
	readonly secret?: readonly string[];
	readonly ssh?: readonly string[];
	/** commander: true for `--pull` alone. */
	readonly pull?: boolean | string;
	readonly push?: boolean;
	/** commander: true without a value. */
	readonly sbom?: string | true;
	readonly provenance?: string | true;
	readonly jobs?: string;
	readonly memory?: string;
	readonly cpus?: string;
	readonly pids?: string;
	readonly driver?: DriverName | 'auto';
	readonly ids?: IdModeName | 'auto';
	readonly store?: string;
	readonly progress?: 'auto' | 'tty' | 'plain';
	readonly quiet?: boolean;
	readonly iidfile?: string;
	readonly metadataFile?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The earliest date that a ZIP file can hold, as Nix has it. */
const defaultEpoch = 315_532_800;

/** What is known about the contexts besides the directory of the main one. */
export interface GivenContexts {
	/** What the user's configuration says. */
	readonly registries?: RegistriesConfig;
	/** What people call the main context when it was received. */
	readonly received?: string;
	/** The Boxfile, when it came without other files. */
	readonly boxfile?: Source;
	readonly named?: NamedContexts;
}

/** Checks every option but the contexts; throws BuildError cli/... for the first that is wrong. */
export function parseBuildOptions(directory: string, flags: BuildFlags, env: Environment, given: GivenContexts = {}): BuildRequest {
	const {received, named = {}} = given;
	if (given.boxfile !== undefined && flags.file !== undefined)
		throw new BuildError(
			cliBadValue('--file', flags.file, `nothing here: \`${received ?? '-'}\` gives the Boxfile itself and no other files`),
		);
	const platforms = platformsOf(flags.platform ?? []);
	const annotations = flags.annotation.map(parseAnnotation);
	checkAnnotations(annotations, platforms);
	const outputs = outputsOf(flags);
	if (platforms.length > 1 && outputs.some(({type}) => type === 'docker'))
		throw new BuildError(exportOnePlatform('docker', platforms.length));
	const boxfile: FoundBoxfile = given.boxfile === undefined ? readBoxfile(directory, flags.file, received) : {source: given.boxfile};
	return {
		store: storeDirectory(flags.store, env),
		context: resolve(directory),
		isForeign: received !== undefined,
		contexts: named,
		boxfile: boxfile.source,
		...(boxfile.path === undefined ? {} : {boxfilePath: boxfile.path}),
		...(flags.target === undefined ? {} : {target: flags.target}),
		buildArgs: parseBuildArgs(flags.buildArg, env),
		labels: parsePairs('--label', flags.label),
		annotations,
		platforms,
		buildPlatform: nativePlatform(),
		tags: flags.tag.map((tag) => valueOf(parseReference(tag)).name),
		outputs,
		epoch: epochOf(flags, env),
		remote: {policy: policyOf(flags.pull), config: given.registries ?? {}, env},
		attestations: attestationsOf(flags),
		noCache: flags.cache === true ? false : flags.cache === false ? true : flags.cache.split(','),
		network: flags.network,
		hosts: parseHosts(flags.addHost ?? []),
		allowInsecure: allowed(flags.allow ?? []).has('security.insecure'),
		secrets: parseSecrets(flags.secret ?? [], env),
		agents: parseAgents(flags.ssh ?? [], env),
		driver: flags.driver ?? driverOf(env['BOXBUILD_DRIVER']),
		ids: flags.ids ?? idsOf(env['BOXBUILD_IDS']),
		limits: parseLimits(flags, env),
		jobs: jobsOf(flags.jobs, env['BOXBUILD_JOBS']),
	};
}

/** Undefined without a value means the variable of the environment; when that is unset too, the argument is left alone (as docker build does). */
function parseBuildArgs(values: readonly string[], env: Environment): Record<string, string> {
	const found: Record<string, string> = {};
	for (const text of values) {
		const equals = text.indexOf('=');
		const name = equals === -1 ? text : text.slice(0, equals);
		if (!/^[A-Za-z_]\w*$/v.test(name)) throw new BuildError(cliBadValue('--build-arg', text, 'NAME=VALUE or NAME'));
		const value = equals === -1 ? env[name] : text.slice(equals + 1);
		if (value !== undefined) found[name] = value;
	}
	return found;
}

/** Entitlements of `docker buildx build --allow`; the host's network is there without one. */
const entitlements = ['security.insecure', 'network.host'];

function allowed(values: readonly string[]): ReadonlySet<string> {
	const bad = values.find((value) => !entitlements.includes(value));
	if (bad !== undefined) throw new BuildError(cliBadValue('--allow', bad, entitlements.map((name) => `\`${name}\``).join(' or ')));
	return new Set(values);
}

function parsePairs(option: string, values: readonly string[]): Record<string, string> {
	return Object.fromEntries(
		values.map((text) => {
			const equals = text.indexOf('=');
			if (equals < 1) throw new BuildError(cliBadValue(option, text, 'NAME=VALUE'));
			return [text.slice(0, equals), text.slice(equals + 1)];
		}),
	);
}

/** `--push` is a registry output under every tag. */
function outputsOf({output, push, tag}: BuildFlags): readonly OutputSpec[] {
	const outputs = output.map(outputOf);
	if (push === true && outputs.every(({type}) => type !== 'registry')) outputs.push(valueOf(parseOutput('type=registry')));
	const nameless = outputs.find(({type, names}) => type === 'registry' && names.length === 0);
	if (nameless !== undefined && tag.length === 0)
		throw new BuildError(cliUsage('an image that is pushed needs a name', 'add `-t REGISTRY/NAME:TAG`, or `name=` to the output'));
	return outputs;
}

/** `--sbom` and `--provenance`; throws cli/usage when they have no place to go to. */
function attestationsOf(flags: BuildFlags): AttestationRequest {
	const sbom = flags.sbom === undefined ? null : valueOf(parseSbomOption(flags.sbom));
	const provenance = flags.provenance === undefined ? null : valueOf(parseProvenanceOption(flags.provenance));
	const isAttached = outputsOf(flags).some(({type}) => type === 'oci' || type === 'registry');
	for (const [option, wanted] of Object.entries({sbom, provenance})) {
		if (wanted === null || wanted.destination !== undefined || isAttached) continue;
		throw new BuildError(
			cliUsage(`\`--${option}\` has nothing to go to`, `add \`dest=FILE\` to it, or an output of type oci or registry, or --push`),
		);
	}
	return {...(sbom === null ? {} : {sbom}), ...(provenance === null ? {} : {provenance})};
}

/** `--pull` is `always`, as for docker and podman. */
export function policyOf(flag: boolean | string | undefined): PullPolicy {
	if (flag === undefined || flag === false) return 'missing';
	if (flag === true || flag === 'true') return 'always';
	const policy = pullPolicies.find((name) => name === flag);
	if (policy === undefined) throw new BuildError(cliBadValue('--pull', String(flag), pullPolicies.join(', ')));
	return policy;
}

const pullPolicies: readonly PullPolicy[] = ['missing', 'always', 'never'];

function outputOf(text: string): BuildRequest['outputs'][number] {
	const spec = valueOf(parseOutput(text));
	return {...spec, destination: spec.destination === '-' ? '-' : resolve(spec.destination)};
}

/** `--epoch`, else SOURCE_DATE_EPOCH, else 1980-01-01. */
export function epochOf(flags: Partial<Pick<BuildFlags, 'timestamps' | 'epoch' | 'buildArg'>>, env: Environment): Epoch {
	if (flags.timestamps === 'keep') return {kind: 'keep', seconds: Math.floor(Date.now() / 1000)};
	if (flags.epoch !== undefined) return {kind: 'given', seconds: wholeNumber('--epoch', flags.epoch, 0)};
	// docker build takes it as a build argument.
	const declared = parseBuildArgs(flags.buildArg ?? [], env)['SOURCE_DATE_EPOCH'] ?? env['SOURCE_DATE_EPOCH'];
	if (declared !== undefined && declared !== '') return {kind: 'given', seconds: wholeNumber('SOURCE_DATE_EPOCH', declared, 0)};
	return {kind: 'default', seconds: defaultEpoch};
}

function wholeNumber(option: string, text: string, least: number): number {
	const value = Number(text);
	if (!/^\d+$/v.test(text) || !Number.isSafeInteger(value) || value < least)
		throw new BuildError(cliBadValue(option, text, `a whole number from ${least}`));
	return value;
}

function driverOf(name: string | undefined): DriverName | 'auto' {
	if (name === undefined || name === '' || name === 'auto') return 'auto';
	const known = driverNames.find((driver) => driver === name);
	if (known === undefined) throw new BuildError(cliBadValue('BOXBUILD_DRIVER', name, `auto, ${driverNames.join(', ')}`));
	return known;
}

/** An id mode by name, of an option or BOXBUILD_IDS. */
export function idsOf(name: string | undefined): IdModeName | 'auto' {
	if (name === undefined || name === '' || name === 'auto') return 'auto';
	if (name === 'multi' || name === 'single' || name === 'root') return name;
	throw new BuildError(cliBadValue('BOXBUILD_IDS', name, 'auto, multi, single or root'));
}

function jobsOf(option: string | undefined, variable: string | undefined): number {
	if (option !== undefined) return wholeNumber('--jobs', option, 1);
	if (variable !== undefined && variable !== '') return wholeNumber('BOXBUILD_JOBS', variable, 1);
	// Steps wait for networks and disks, too. BuildKit has no limit at all.
	return Math.max(8, 2 * availableParallelism());
}

/** `--platform A,B` or several of them, each once, in the order given; none: this machine's. */
function platformsOf(texts: readonly string[]): readonly Platform[] {
	const found = new Map<string, Platform>();
	for (const text of texts.flatMap((list) => list.split(','))) {
		const platform = parsePlatform(text.trim(), nativePlatform());
		if (platform === undefined) throw new BuildError(cliBadValue('--platform', text, 'OS/ARCHITECTURE, such as linux/amd64'));
		found.set(platformText(platform), platform);
	}
	return found.size === 0 ? [nativePlatform()] : [...found.values()];
}

/** GOARCH names of Node's architectures. */
const architectures: Readonly<Record<string, string>> = {
	x64: 'amd64',
	ia32: '386',
	arm64: 'arm64',
	arm: 'arm',
	ppc64: 'ppc64le',
	s390x: 's390x',
	riscv64: 'riscv64',
};

/** `--platform` of commands that take one. */
export function platformOption(text: string | undefined): Platform {
	const [platform = nativePlatform(), ...others] = platformsOf(text === undefined ? [] : [text]);
	if (others.length > 0) throw new BuildError(cliBadValue('--platform', text ?? '', 'one platform'));
	return platform;
}

/** The platform this program runs on. */
export function nativePlatform(): Platform {
	const architecture = architectures[process.arch] ?? process.arch;
	return {os: 'linux', architecture, ...(architecture === 'arm64' ? {variant: 'v8'} : {})};
}

function valueOf<T>(outcome: Outcome<T>): T {
	if (outcome.value === undefined) throw new BuildError(outcome.diagnostics);
	return outcome.value;
}
