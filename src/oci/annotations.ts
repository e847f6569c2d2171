import type {Platform} from './image-config.ts';

/** What an annotation is put on: a document or the descriptor that names it (OCI image-spec, annotations.md). */
export type AnnotationTarget = 'manifest' | 'manifest-descriptor' | 'index' | 'index-descriptor';

export const annotationTargets: readonly AnnotationTarget[] = ['manifest', 'manifest-descriptor', 'index', 'index-descriptor'];

export interface Annotation {
	readonly target: AnnotationTarget;
	/** Only for the image of this platform. */
	readonly platform?: Platform;
	readonly name: string;
	readonly value: string;
}

/** Those of one target as a descriptor or document has them; undefined for none. The last of equal names wins. */
export function annotationsFor(
	annotations: readonly Annotation[],
	target: AnnotationTarget,
	platform?: Platform,
): Readonly<Record<string, string>> | undefined {
	const found = annotations.filter((annotation) => annotation.target === target && fits(annotation.platform, platform));
	return found.length === 0 ? undefined : Object.fromEntries(found.map(({name, value}) => [name, value]));
}

function fits(wanted: Platform | undefined, platform: Platform | undefined): boolean {
	if (wanted === undefined) return true;
	return wanted.os === platform?.os && wanted.architecture === platform.architecture && (wanted.variant ?? '') === (platform.variant ?? '');
}
