import {writeFileSync} from 'node:fs';
import test from 'ava';
import {openStore} from '../../src/store/open-store.ts';
import {surveyStore} from '../../src/store/survey.ts';
import {scratch} from '../support/store-support.ts';

test('what a writer that was killed leaves is found wherever writers are', (t) => {
	const {directory} = openStore(`${scratch(t)}/store`);
	const left = ['.', 'blobs/sha256', 'index', 'memo', 'run'].map((place) => `${directory}/${place}/.tmp-1-0`);
	for (const path of left) writeFileSync(path, '');
	t.deepEqual(
		surveyStore(directory)
			.temporaries.map(({name}) => name)
			.sort(),
		left.map((path) => path.replace('/./', '/')).sort(),
	);
});
