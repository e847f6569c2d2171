import type {Escape, Keyword} from '../../grammar/keyword-table.ts';
import type {Source, Span} from '../core/source.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import type {Instruction} from '../language/ast.ts';
import type {RunConfig} from '../oci/image-config.ts';
import type {NamedContexts} from '../plan/named-context.ts';
import type {CopyFrom, Hints, Op} from '../plan/plan.ts';

/** A flag an instruction knows. */
export interface FlagRule {
	readonly name: string;
	/** Who may leave the value out: `boolean` flags mean true without one. */
	readonly value: 'required' | 'boolean';
	readonly repeatable?: boolean;
	/** An empty value is the same as no flag. */
	readonly mayBeEmpty?: true;
	/** Parsed, but not built by this version. */
	readonly unsupported?: boolean;
	/** What a value has to be, in words that follow "it has to be"; undefined when the value is fine. */
	readonly expected?: (value: string) => string | undefined;
	/** A right value that a wrong one is probably meant to be. */
	readonly meant?: (value: string) => string | undefined;
}

/** What a stage has come to after an instruction. */
export interface StageState {
	readonly config: RunConfig;
	/** Declared build arguments in order; a value is absent when neither default nor command line gives one. */
	readonly args: readonly (readonly [name: string, value: string | undefined])[];
	readonly author?: string;
	/** True once this stage has its own CMD: ENTRYPOINT then leaves it alone. */
	readonly commandSet: boolean;
}

/** What lowering may look at besides the state. */
export interface LowerContext {
	readonly source: Source;
	readonly escape: Escape;
	readonly buildArgs: Readonly<Record<string, string>>;
	/** Those of the command line. */
	readonly contexts: NamedContexts;
	/** ARGs before the first FROM and the predefined ones. */
	readonly globalArgs: ReadonlyMap<string, string>;
	readonly report: (diagnostic: Diagnostic) => void;
	/** Where COPY and ADD without `--from`, and binds, take files from. */
	readonly buildContext: Extract<CopyFrom, {kind: 'context'}>;
	/** What `--from=NAME` means; undefined when it has been reported. */
	readonly copyFrom: (name: string, span: Span) => CopyFrom | undefined;
}

/** One instruction's meaning: the state after it, what it does to the file system, and its line of the history. */
export interface Lowered {
	readonly state: StageState;
	readonly op: Op;
	/** Absent: none. */
	readonly hints?: Hints;
	readonly createdBy?: string;
}

/** Everything there is to say about one instruction; a new one is a file and a line in registry.ts. */
export interface InstructionDefinition extends Keyword {
	/** One line for `--help` and the language reference. */
	readonly summary: string;
	readonly flags: readonly FlagRule[];
	/** Problems that can be seen whatever variables hold. */
	readonly check: (instruction: Instruction, source: Source) => readonly Diagnostic[];
	/** Undefined when it reported why not. FROM has none: the stages themselves are the business of compile. */
	readonly lower?: (instruction: Instruction, state: StageState, context: LowerContext) => Lowered | undefined;
}
