import type {Platform} from '../oci/image-config.ts';

const aliases: Readonly<Record<string, string>> = {
	x86_64: 'amd64',
	'x86-64': 'amd64',
	aarch64: 'arm64',
	i386: '386',
	armhf: 'arm/v7',
	armel: 'arm/v6',
};

/** GOARCH names that images have. */
const architectures: ReadonlySet<string> = new Set(
	'386 amd64 arm arm64 loong64 mips mipsle mips64 mips64le ppc64 ppc64le riscv64 s390x wasm'.split(' '),
);

/** Reads `linux` (that of the machine), `linux/ARCHITECTURE[/VARIANT]` or an architecture alone, as containerd normalizes them; undefined for anything else. */
export function parsePlatform(text: string, machine?: Platform): Platform | undefined {
	const lower = text.toLowerCase();
	if (lower === 'linux') return machine;
	if (!/^[a-z0-9_\-]+(?:\/[a-z0-9_\-]+){0,2}$/v.test(lower)) return undefined;
	const parts = lower.startsWith('linux/') ? lower.slice('linux/'.length).split('/') : lower.split('/');
	if (parts.length > 2) return undefined;
	const [name = '', given] = parts;
	if (!lower.startsWith('linux/') && given !== undefined) return undefined;
	const [architecture = '', implied] = (aliases[name] ?? name).split('/');
	// Alone it could be anything.
	if (!lower.includes('/') && !architectures.has(architecture)) return undefined;
	const variant = given ?? implied ?? (architecture === 'arm' ? 'v7' : undefined);
	if (variant === undefined || (architecture === 'arm64' && variant === 'v8')) return {os: 'linux', architecture};
	return {os: 'linux', architecture, variant};
}

export function platformText({os, architecture, variant}: Platform): string {
	return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}
