import {missingBoxfileStage} from '../diagnostics/stage.ts';
import type {Diagnostic, Label} from '../diagnostics/diagnostic.ts';
import {suggest} from '../core/suggest.ts';
import type {Source} from '../core/source.ts';
import type {BoxfileReference} from '../plan/boxfile-reference.ts';
import {bodiesOf, type StageBody, type StageReference} from './bodies.ts';
import type {CompileOptions} from './compile.ts';
import {stageIndex} from './find-target.ts';
import {openUnit, type Unit, type UnitPlace} from './unit.ts';

/** The Boxfiles of a build, each read once, as far as their texts are known. */
export class Units {
	readonly #options: CompileOptions;
	readonly #report: (diagnostic: Diagnostic) => void;
	readonly #opened = new Map<string, Unit | undefined>();
	readonly #all: Unit[] = [];
	readonly #bodies = new Map<Unit, readonly StageBody[]>();

	constructor(options: CompileOptions, report: (diagnostic: Diagnostic) => void) {
		this.#options = options;
		this.#report = report;
	}

	/** The Boxfile that is built. */
	openMain(source: Source): Unit | undefined {
		const {file} = this.#options;
		return this.#read(source, {isMain: true, ...(file === undefined ? {} : {file})});
	}

	/** All that have been read. */
	get all(): readonly Unit[] {
		return this.#all;
	}

	isKnown(file: string): boolean {
		return this.#opened.has(file) || this.#options.files?.has(file) === true;
	}

	bodies(unit: Unit): readonly StageBody[] {
		const known = this.#bodies.get(unit);
		if (known !== undefined) return known;
		const bodies = bodiesOf(unit, {bases: this.#options.bases, stageOf: (reference) => this.#find(reference)?.stage});
		this.#bodies.set(unit, bodies);
		return bodies;
	}

	/** The stage that a reference of `unit` means; undefined for a base, and for what is not known or has been reported. */
	bodyOf({found, source, span}: StageReference, unit: Unit): StageBody | undefined {
		if (found.kind === 'stage') return this.bodies(unit)[found.stage];
		if (found.kind !== 'boxfile' || !this.isKnown(found.reference.file)) return undefined;
		const meant = this.#find(found.reference);
		if (meant === undefined) this.#reportMissing(found.reference, {source, span});
		return meant === undefined ? undefined : this.bodies(meant.unit)[meant.stage.index];
	}

	#find({file, stage}: BoxfileReference): Pick<StageBody, 'unit' | 'stage'> | undefined {
		const unit = this.#open(file);
		const index = unit === undefined ? undefined : stageIndex(stage, unit.stages);
		const found = index === undefined ? undefined : unit?.stages[index];
		return unit === undefined || found === undefined ? undefined : {unit, stage: found};
	}

	#open(file: string): Unit | undefined {
		if (this.#opened.has(file)) return this.#opened.get(file);
		const source = this.#options.files?.get(file);
		return source === undefined ? undefined : this.#read(source, {file, isMain: false});
	}

	#read(source: Source, place: UnitPlace): Unit | undefined {
		const unit = openUnit(source, place, {...this.#options, report: this.#report});
		if (place.file !== undefined) this.#opened.set(place.file, unit);
		if (unit !== undefined) this.#all.push(unit);
		return unit;
	}

	/** A file without any stage has been reported as such. */
	#reportMissing({file, stage}: BoxfileReference, label: Label): void {
		const unit = this.#opened.get(file);
		if (unit === undefined || stage === undefined) return;
		const names = unit.stages.flatMap(({name}) => (name === undefined ? [] : [name.text]));
		this.#report(missingBoxfileStage(label, {file, stage, names, suggestion: suggest(stage, names)}));
	}
}
