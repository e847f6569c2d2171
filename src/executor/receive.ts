import {mkdirSync} from 'node:fs';
import {addAbortSignal} from 'node:stream';
import {archiveOrText} from '../context/archive-or-text.ts';
import {unpackContext} from '../context/unpack-context.ts';
import {redactUrl} from '../core/redact-url.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {contextArchiveRefused} from '../diagnostics/remote.ts';
import {isSshRepository} from '../instructions/remote-source.ts';
import {checkOut, resolveCommit} from '../sources/git-repository.ts';
import {httpGet} from '../http/http-get.ts';
import type {ReceivedFrom, RemoteContext} from './received-context.ts';

export type ReceiveSource = Pick<ReceivedFrom, 'signal' | 'input'> & {readonly agent: () => Promise<string | undefined>};

/** What came is in the directory, or is a text. */
export async function receive(
	context: RemoteContext,
	place: string,
	{signal, input, agent: agentOf}: ReceiveSource,
): Promise<{readonly directory: string; readonly text?: string}> {
	if (context.kind === 'repository') {
		const {source} = context;
		const agent = isSshRepository(source.repository) ? await agentOf() : undefined;
		return {directory: await checkOut(source, await resolveCommit(source, {signal, agent}), {directory: place, signal, agent})};
	}
	const bytes = context.kind === 'input' ? addAbortSignal(signal, input()) : (await httpGet(context.url, {signal})).body;
	const found = await archiveOrText(bytes);
	mkdirSync(place, {mode: 0o755});
	if (found.kind === 'text') return {directory: place, text: found.text};
	if (found.kind !== 'archive') throw refused(context, found.kind === 'empty' ? 'is empty' : 'is neither a tar nor a text');
	await unpackContext(found.input, place, originOf(context));
	return {directory: place};
}

export function refused(context: RemoteContext, problem: string): BuildError {
	return new BuildError(contextArchiveRefused(originOf(context), problem, undefined));
}

function originOf(context: RemoteContext): string {
	return context.kind === 'url' ? `the archive at \`${redactUrl(context.url)}\`` : 'the archive on standard input';
}
