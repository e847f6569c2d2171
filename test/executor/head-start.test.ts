import {chownSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import test, {type ExecutionContext} from 'ava';
import {beginHeadStart, dropHeadStart, keepLaunch, takeHeadStart, watchFiles} from '../../src/executor/head-start.ts';
import {openStore} from '../../src/store/open-store.ts';
import {root} from '../support/requirements.ts';
import {scratch} from '../support/store-support.ts';
import {when} from '../support/when.ts';

const worker = '/nowhere/worker.cjs';

/** The next process. */
function forget(): void {
	dropHeadStart();
	delete (globalThis as {boxbuildHeadStart?: unknown}).boxbuildHeadStart;
}

function emptyStore(t: ExecutionContext): string {
	forget();
	return openStore(`${scratch(t)}/store`).directory;
}

function begin(store: string): ReturnType<typeof beginHeadStart> {
	forget();
	return beginHeadStart(store, worker);
}

test.serial('a build looks changed when a file that the last one has read is another one now', (t) => {
	const store = emptyStore(t);
	const directory = scratch(t);
	const [file, link, none] = [`${directory}/file`, `${directory}/link`, `${directory}/none`];
	writeFileSync(file, 'one');
	symlinkSync('file', link);
	t.is(begin(store).isChanged, undefined);
	const watch = (): void => watchFiles(store, [file, link, none], {isIdle: false});
	watch();
	t.false(begin(store).isChanged);
	for (const change of [
		() => writeFileSync(file, 'two'),
		() => rmSync(file),
		() => mkdirSync(file),
		() => {
			rmSync(link);
			symlinkSync('file', link);
		},
		() => writeFileSync(none, 'new'),
	]) {
		change();
		t.true(begin(store).isChanged, String(change));
		watch();
		t.false(begin(store).isChanged, String(change));
	}
});

test.serial('nobody is wanted where nothing has changed, and where the last changes needed nobody', (t) => {
	const store = emptyStore(t);
	const file = `${scratch(t)}/file`;
	const wanted = (): readonly unknown[] => {
		const {isChanged, isWanted} = begin(store);
		return [isChanged, isWanted];
	};
	// Whether anybody can be started early is not known either.
	t.deepEqual(wanted(), [undefined, false]);
	for (const isIdle of [true, false, true]) {
		writeFileSync(file, `${isIdle}`);
		begin(store);
		watchFiles(store, [file], {isIdle});
		t.deepEqual(wanted(), [false, false]);
		writeFileSync(file, 'changed');
		t.deepEqual(wanted(), [true, !isIdle]);
	}
});

test.serial('a note of another form is none', (t) => {
	const store = emptyStore(t);
	watchFiles(store, [], {isIdle: false});
	const [name = ''] = readdirSync(`${store}/memo`);
	const {key} = JSON.parse(readFileSync(`${store}/memo/${name}`, 'utf8')) as {key: string};
	for (const value of [null, 7, [], {}, {files: 'x'}, {files: [1, {}]}]) {
		writeFileSync(`${store}/memo/${name}`, JSON.stringify({key, value}));
		t.notThrows(() => begin(store), JSON.stringify(value));
	}
});

test.serial('a process begins once for a store', (t) => {
	const store = emptyStore(t);
	const first = begin(store);
	t.is(beginHeadStart(store, worker), first);
	t.not(beginHeadStart(emptyStore(t), worker), first);
});

test.serial('a program that is gone starts nothing', (t) => {
	const store = emptyStore(t);
	keepLaunch(store, worker, {inputs: 'a', program: '/nowhere/program'});
	t.is(begin(store).started, undefined);
});

when(root, 'nothing is started from the store of somebody else', (t) => {
	const store = emptyStore(t);
	keepLaunch(store, worker, {inputs: 'a', program: '/bin/cat'});
	t.not(begin(store).started, undefined);
	for (const directory of [store, `${store}/memo`]) {
		chownSync(directory, 1, 1);
		t.is(begin(store).started, undefined);
		chownSync(directory, 0, 0);
	}
	t.not(begin(store).started, undefined);
	forget();
});

test.serial('what was started is taken by who wants the same, and ended for anybody else', (t) => {
	const store = emptyStore(t);
	const launch = {inputs: 'a', program: '/bin/cat'};
	keepLaunch(store, worker, launch);
	const alive = (pid: number | undefined): boolean => {
		try {
			return process.kill(pid ?? 0, 0);
		} catch {
			return false;
		}
	};
	for (const inputs of ['a', 'b']) {
		const {started} = begin(store);
		t.true(alive(started?.child.pid));
		const taken = takeHeadStart({inputs});
		t.deepEqual(taken?.launch, inputs === 'a' ? launch : undefined);
		t.is(takeHeadStart({inputs}), undefined);
		if (started !== undefined && taken !== undefined) process.kill(started.child.pid);
	}
	keepLaunch(store, worker, null);
	t.is(begin(store).started, undefined);
});
