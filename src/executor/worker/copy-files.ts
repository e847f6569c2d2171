import {mkdirSync} from 'node:fs';
import type {Json} from '../../core/canonical-json.ts';
import type {View} from '../../rootfs/driver.ts';
import {isSmallCopy} from '../small-copy.ts';
import {readsBelow} from '../stacked-steps.ts';
import type {CopyTask} from './file-thread-protocol.ts';
import type {CopyRequest, ReplyOf, Stack} from './protocol.ts';
import type {Session} from './session.ts';

/** Makes the layer of a COPY or ADD. */
export async function stackCopy(session: Session, request: CopyRequest): Promise<ReplyOf<'copy'>> {
	return withViews(session, request, async (task) => {
		const isSmall = isSmallCopy(task.sources);
		const files = isSmall ? session.pool.local : session.pool.idlest();
		const held = session.layers.fresh();
		if (request.asTar && !isSmall) {
			const made = await files.run('copyTar', {...task, store: session.store.directory});
			if (made !== 'archive') {
				const {diffId: _diffId, size: _size, ...rest} = made;
				return {...(await session.layers.adoptTar(made, held)), ...rest};
			}
		}
		mkdirSync(task.directory);
		const {facts, places, ...layer} = await files.run('copy', {...task, held});
		return {...session.layers.adopt(task.directory, layer, files, held), facts, ...(isSmall ? {places} : {})};
	});
}

/** What of the stack decides that layer. */
export async function stackCopyFacts(session: Session, request: CopyRequest): Promise<Json> {
	return withViews(session, request, (task) =>
		(isSmallCopy(task.sources) ? session.pool.local : session.pool.idlest()).run('copyFacts', task),
	);
}

async function withViews<T>(session: Session, request: CopyRequest, work: (task: CopyTask) => Promise<T>): Promise<T> {
	const {layers, ids} = session;
	const views: View[] = [];
	const open = async (stack: Stack): Promise<string | null> => {
		const view = await layers.view(await layers.lowers(stack));
		if (view !== undefined) views.push(view);
		return view?.path ?? null;
	};
	const {origin} = request;
	try {
		const lower = readsBelow(request) ? await open(request.stack) : null;
		const root = origin.kind === 'trees' ? '' : ((await open(origin.stack)) ?? session.scaffold.lower);
		const sources =
			origin.kind === 'trees' ? origin.sources : {...origin.items, places: origin.items.items.map(() => ({root, unpack: false}))};
		return await work({
			directory: `${session.directory}/s${layers.fresh()}`,
			lower,
			emptyRoot: session.scaffold.lower,
			sources,
			inline: request.inline,
			destination: request.destination,
			several: request.several,
			keepOwner: origin.kind === 'stack',
			mtime: request.mtime,
			link: request.link,
			ids,
			...(request.chown === undefined ? {} : {chown: request.chown}),
			...(request.chmod === undefined ? {} : {chmod: request.chmod}),
		});
	} finally {
		await Promise.all(views.map((view) => view.close()));
	}
}
