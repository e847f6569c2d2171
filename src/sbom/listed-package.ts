import type {DiffId} from '../core/digest.ts';
import type {RawPath} from '../core/raw-path.ts';

/** Types of package URLs (purl-spec, types). */
export type PackageType = 'deb' | 'apk' | 'rpm' | 'npm' | 'pypi' | 'golang';

/** One package as a database or a metadata file lists it. */
export interface ListedPackage {
	readonly type: PackageType;
	readonly name: string;
	/** As the ecosystem writes it; of rpm VERSION-RELEASE. Absent where a Go program was built from a working tree. */
	readonly version?: string;
	readonly architecture?: string;
	/** rpm only. */
	readonly epoch?: number;
	/** What it was built from, where that has another name or version. */
	readonly source?: {readonly name: string; readonly version?: string};
	/** As they are declared, each an SPDX expression or any other text. */
	readonly licences: readonly string[];
	/** Who made or packaged it, as declared. */
	readonly supplier?: string;
	/** The database or metadata file. */
	readonly path: RawPath;
}

/** A package of an image, and the layer that brought this version of it. */
export interface FoundPackage extends ListedPackage {
	/** Position in the image's layers, the bottom is 0. */
	readonly layer: number;
	readonly diffId: DiffId;
}

/** What tells the distribution of an image (os-release(5)). */
export interface Distribution {
	/** Lower-case, such as `debian`. */
	readonly id: string;
	readonly versionId?: string;
	readonly prettyName?: string;
}

/** A file that could not be read in full, so that packages may be missing. */
export interface InventoryProblem {
	/** `fatal`: a database, which may have listed anything; `partial`: one package, or something about one. */
	readonly kind: 'fatal' | 'partial';
	readonly path: RawPath;
	readonly layer: number;
	readonly diffId: DiffId;
	/** One line, such as `its record 3 has no version`. */
	readonly text: string;
}

/** All packages of an image, sorted by type, name, version and place. */
export interface Inventory {
	readonly distribution?: Distribution;
	/** Bottom first. */
	readonly layers: readonly DiffId[];
	readonly packages: readonly FoundPackage[];
	readonly problems: readonly InventoryProblem[];
}
