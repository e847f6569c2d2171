import test from 'ava';
import {SharedViews} from '../../src/executor/worker/shared-views.ts';

/** Views are called by their stack; `open` are those that are not closed. */
function views(): {readonly shared: SharedViews; readonly open: Set<string>; readonly opened: string[]} {
	const open = new Set<string>();
	const opened: string[] = [];
	const shared = new SharedViews(async (links) => {
		const path = links.join(' ');
		if (path === '') return undefined;
		if (path.includes('broken')) throw new Error('ELOOP');
		opened.push(path);
		open.add(path);
		return {path, close: async () => void open.delete(path)};
	});
	return {shared, open, opened};
}

/** So many links, topmost first. */
const stack = (count: number): string[] => Array.from({length: count}, (_, at) => String(count - at));

test('a step that stands on some layers more than another looks into these', async (t) => {
	const {shared, opened} = views();
	const first = await shared.whole(stack(2));
	t.deepEqual([first.path, first.between], ['2 1', []]);
	const second = await shared.nearly(stack(4));
	t.deepEqual([second.path, second.between], ['2 1', ['4', '3']]);
	t.deepEqual((await shared.nearly(stack(14))).path, '2 1');
	t.deepEqual((await shared.nearly(stack(15))).between, []);
	t.is(opened.length, 2);
});

test('who needs all of a stack in one view gets one, shared with others that need the same', async (t) => {
	const {shared, opened} = views();
	await shared.whole(stack(2));
	t.is((await shared.whole(stack(3))).path, '3 2 1');
	t.is((await shared.whole(stack(3))).path, '3 2 1');
	t.is((await shared.nearly(stack(4))).path, '3 2 1');
	t.deepEqual(opened, ['2 1', '3 2 1']);
	t.is((await shared.whole(['x', '2', '9'])).path, 'x 2 9');
});

test('a few layers without a view are looked into themselves', async (t) => {
	const {shared, opened} = views();
	const few = await shared.nearly(stack(12));
	t.deepEqual([few.path, few.between, opened], [null, stack(12), []]);
	await few.release();
	const many = await shared.nearly(stack(13));
	t.deepEqual([many.path?.split(' '), many.between], [stack(13), []]);
});

test('nothing below is no view', async (t) => {
	const {shared, opened} = views();
	const {path, between, release} = await shared.whole([]);
	t.deepEqual([path, between], [null, []]);
	t.deepEqual((await shared.nearly(stack(2))).between, stack(2));
	t.deepEqual(opened, []);
	await release();
	await shared.close();
});

test('a view stays while it is used, some stay longer, and all end with the build', async (t) => {
	const {shared, open} = views();
	const used = await shared.whole(['used']);
	for (let at = 0; at < 8; at++) await (await shared.whole([`s${at}`])).release();
	t.deepEqual([...open], ['used', 's5', 's6', 's7']);
	await used.release();
	await (await shared.whole(['s8'])).release();
	t.false(open.has('used'));
	await shared.close();
	t.deepEqual([...open], []);
});

test('one that cannot be made is tried again', async (t) => {
	const {shared, open} = views();
	await t.throwsAsync(shared.whole(['broken']), {message: 'ELOOP'});
	await t.throwsAsync(shared.nearly([...stack(12), 'broken']), {message: 'ELOOP'});
	await (await shared.whole(['1'])).release();
	t.deepEqual([...open], ['1']);
});
