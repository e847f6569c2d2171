import {redactUrl} from '../core/redact-url.ts';
import type {Span} from '../core/source.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import type {Step} from '../plan/plan.ts';

/** What goes wrong with the files of an instruction is shown at the instruction. */
export async function located<T>(step: Step, work: () => Promise<T> | T): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof BuildError)) throw error;
		const {source, span} = step.origin;
		throw new BuildError(
			error.diagnostics.map((diagnostic) => ({primary: {source, span: spanOfSource(step, diagnostic.data) ?? span}, ...diagnostic})),
			{cause: error},
		);
	}
}

/** The place of the source that the facts of a diagnostic name. */
function spanOfSource({op}: Step, data: Diagnostic['data']): Span | undefined {
	const sources = op.kind === 'copy' ? op.sources : [];
	const remote = sources.filter((candidate) => candidate.kind === 'url' || candidate.kind === 'git');
	const source =
		sources.find((candidate) => candidate.kind === 'path' && candidate.pattern === data?.['pattern']) ??
		remote.find((candidate) => redactUrl(candidate.kind === 'url' ? candidate.url : candidate.repository) === remoteName(data));
	return source === undefined || source.kind === 'inline' ? undefined : source.span;
}

function remoteName(data: Diagnostic['data']): unknown {
	return data?.['url'] ?? data?.['repository'] ?? data?.['source'];
}
