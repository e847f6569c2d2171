import type {RawPath} from '../core/raw-path.ts';

/**
 * The root file system that a database of dpkg, apk or rpm belongs to: empty for that of the image, or the directory of another one inside it
 * with a `/` at its end.
 */
export function packageRoot(path: RawPath): string {
	return /^((?:.*?\/)??)(?:var\/lib|usr\/lib\/sysimage|usr\/lib|usr\/share|lib)\/(?:dpkg|apk|rpm)\//v.exec(path)?.[1] ?? '';
}
