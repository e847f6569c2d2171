import {PackageURL} from 'packageurl-js';
import type {Distribution, ListedPackage} from './listed-package.ts';
import {packageRoot} from './package-root.ts';

/** The package URL of a package; undefined for one whose name none can have. */
export function purlOf(listed: ListedPackage, own: Distribution | undefined): string | undefined {
	// What the image is says nothing of a root file system inside it.
	const distribution = packageRoot(listed.path) === '' ? own : undefined;
	const {namespace, name} = splitName(listed, distribution);
	try {
		return new PackageURL(listed.type, namespace, name, listed.version, qualifiersOf(listed, distribution), undefined).toString();
	} catch {
		return undefined;
	}
}

/** The package URL of an image, by its digest. */
export function imagePurl(name: string, digest: string, qualifiers: Readonly<Record<string, string>> = {}): string {
	return new PackageURL('oci', undefined, name.toLowerCase(), digest, {...qualifiers}, undefined).toString();
}

/** Where os-release tells nothing, the distribution that the format comes from. */
const makers = {deb: 'debian', apk: 'alpine', rpm: 'rpm'} as const;
/** Vendors that purl-spec calls otherwise than os-release does. */
const vendors: Readonly<Record<string, string>> = {rhel: 'redhat', 'opensuse-leap': 'opensuse', 'opensuse-tumbleweed': 'opensuse'};

function splitName({type, name}: ListedPackage, distribution: Distribution | undefined): {namespace: string | undefined; name: string} {
	if (type === 'deb' || type === 'apk' || type === 'rpm') {
		const id = distribution?.id;
		return {namespace: id === undefined ? makers[type] : (vendors[id] ?? id), name};
	}
	const isScoped = type === 'golang' || (type === 'npm' && name.startsWith('@'));
	const cut = isScoped ? name.lastIndexOf('/') : -1;
	return cut <= 0 ? {namespace: undefined, name} : {namespace: name.slice(0, cut), name: name.slice(cut + 1)};
}

/** `distro` and `upstream` are what scanners of vulnerabilities look at besides purl-spec's own qualifiers. */
function qualifiersOf(listed: ListedPackage, distribution: Distribution | undefined): Record<string, string> {
	const {type, architecture, epoch, source} = listed;
	if (type !== 'deb' && type !== 'apk' && type !== 'rpm') return {};
	const qualifiers: Record<string, string> = {};
	if (architecture !== undefined) qualifiers['arch'] = architecture;
	if (epoch !== undefined) qualifiers['epoch'] = String(epoch);
	if (distribution !== undefined)
		qualifiers['distro'] = distribution.versionId === undefined ? distribution.id : `${distribution.id}-${distribution.versionId}`;
	const upstream = upstreamOf(listed);
	if (source !== undefined && upstream !== undefined) qualifiers['upstream'] = upstream;
	return qualifiers;
}

function upstreamOf({type, name, version, source}: ListedPackage): string | undefined {
	if (source === undefined) return undefined;
	if (type === 'rpm') return `${source.name}-${source.version ?? ''}.src.rpm`;
	const isSameVersion = source.version === undefined || source.version === version;
	if (source.name === name && isSameVersion) return undefined;
	return isSameVersion ? source.name : `${source.name}@${source.version}`;
}
