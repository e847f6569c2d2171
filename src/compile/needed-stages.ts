import {circularBoxfiles} from '../diagnostics/stage.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {baseName} from '../plan/base-reference.ts';
import type {BaseName} from '../plan/plan.ts';
import type {StageBody, StageReference} from './bodies.ts';
import type {Compiled} from './compile.ts';
import {dependencyOrder} from './dependency-order.ts';
import type {Unit} from './unit.ts';
import type {Units} from './units.ts';

/** The stages that the target needs, itself included; all of a file when that cannot be known, so that nothing stays unchecked. */
export function neededStages(target: StageBody | undefined, main: Unit, units: Units): ReadonlySet<StageBody> {
	const needed = new Set<StageBody>();
	const open = target === undefined ? [...units.bodies(main)] : [target];
	for (let body = open.pop(); body !== undefined; body = open.pop()) {
		if (needed.has(body)) continue;
		needed.add(body);
		const {unit, references} = body;
		open.push(...references.map((reference) => units.bodyOf(reference, unit)).filter((found) => found !== undefined));
		if (references.some(({found: {kind}}) => kind === 'unknown' || kind === 'problem')) open.push(...units.bodies(unit));
	}
	return needed;
}

/** Those stages so that each comes after what it needs, those of the main file in the file's order; a cycle is reported. */
export function orderStages(
	needed: ReadonlySet<StageBody>,
	{main, units, report}: {readonly main: Unit; readonly units: Units; readonly report: (diagnostic: Diagnostic) => void},
): readonly StageBody[] {
	const own = units.bodies(main).filter((body) => needed.has(body));
	const {order, cycle} = dependencyOrder([...own, ...needed], ({unit, references}) =>
		references.map((reference) => units.bodyOf(reference, unit)).filter((found) => found !== undefined),
	);
	if (cycle !== undefined) report(circularBoxfiles(linksOf(cycle, units)));
	return order;
}

/** Where each stage of a cycle names the next, and both names. */
function linksOf(cycle: readonly StageBody[], units: Units): Parameters<typeof circularBoxfiles>[0] {
	return cycle.slice(0, -1).flatMap((body, index) => {
		const next = cycle[index + 1];
		const place = body.references.find((reference) => units.bodyOf(reference, body.unit) === next);
		if (place === undefined || next === undefined) return [];
		return [{label: {source: place.source, span: place.span}, from: nameOf(body), to: nameOf(next)}];
	});
}

/** `lib/Boxfile#build`. */
export function nameOf({unit, stage}: StageBody): string {
	return `${unit.file ?? unit.source.name}#${stage.name?.text ?? stage.index}`;
}

/** What the stages start or copy from that is no stage: bases whose configuration is not known yet and Boxfiles whose text is not, each once. */
export function missingInputs(
	stages: readonly StageBody[],
	units: Units,
	bases: ReadonlyMap<BaseName, unknown>,
): Pick<Compiled, 'needs' | 'files'> {
	const needs = new Map<BaseName, Compiled['needs'][number]>();
	const files = new Map<string, Compiled['files'][number]>();
	const visit = ({found, source, span}: StageReference): void => {
		if (found.kind === 'boxfile') {
			const {file} = found.reference;
			if (!units.isKnown(file) && !files.has(file)) files.set(file, {file, source, span});
		}
		if (found.kind !== 'base' || found.base.kind === 'scratch' || found.base.kind === 'host') return;
		const name = baseName(found.base);
		if (!bases.has(name) && !needs.has(name)) needs.set(name, {name, base: found.base, source, span});
	};
	for (const {references} of stages) for (const reference of references) visit(reference);
	return {needs: [...needs.values()], files: [...files.values()]};
}
