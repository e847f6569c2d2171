import type {Source} from '../core/source.ts';
import type {ImageConfig} from '../oci/image-config.ts';
import {baseName} from '../plan/base-reference.ts';
import type {BaseName} from '../plan/plan.ts';
import type {StageBody} from './bodies.ts';
import type {Compiled} from './compile.ts';

/** Numbers of the stages the target needs, itself included; all of them when that cannot be known, so that nothing stays unchecked. */
export function neededStages(target: number | undefined, bodies: readonly StageBody[]): ReadonlySet<number> {
	const needed = new Set<number>();
	const open = target === undefined ? [] : [target];
	for (let index = open.pop(); index !== undefined; index = open.pop()) {
		const body = bodies[index];
		if (body === undefined || needed.has(index)) continue;
		needed.add(index);
		const references = [body.stage.start, ...body.copies.map(({found}) => found)];
		for (const reference of references) if (reference.kind === 'stage') open.push(reference.stage);
		if (references.some(({kind}) => kind === 'unknown' || kind === 'problem')) return new Set(bodies.keys());
	}
	return target === undefined ? new Set(bodies.keys()) : needed;
}

/** The bases of those stages whose configuration is not known yet, in file order, each once. */
export function missingBases(
	needed: ReadonlySet<number>,
	bodies: readonly StageBody[],
	{source, bases}: {readonly source: Source; readonly bases: ReadonlyMap<BaseName, ImageConfig>},
): Compiled['needs'] {
	const needs = new Map<BaseName, Compiled['needs'][number]>();
	for (const {stage, copies} of bodies.filter((body) => needed.has(body.stage.index))) {
		const from = {found: stage.start, source, span: stage.base.span};
		for (const {found, source: own, span} of [from, ...copies]) {
			if (found.kind !== 'base' || found.base.kind === 'scratch' || found.base.kind === 'host') continue;
			const name = baseName(found.base);
			if (!bases.has(name) && !needs.has(name)) needs.set(name, {name, base: found.base, source: own, span});
		}
	}
	return [...needs.values()];
}
