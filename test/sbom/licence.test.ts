import test from 'ava';
import {allOf, licencesOf} from '../../src/sbom/licence.ts';

test('expressions stay, short names of Debian and old rpm packages become expressions, the rest is text', (t) => {
	const cases: readonly (readonly ['deb' | 'rpm' | 'npm', string, string | null])[] = [
		['npm', 'MIT', 'MIT'],
		['npm', '(MIT OR Apache-2.0)', '(MIT OR Apache-2.0)'],
		['npm', 'MIT License', null],
		['npm', 'SEE LICENSE IN LICENSE', null],
		['npm', 'UNLICENSED', null],
		['deb', 'GPL-2+', 'GPL-2.0-or-later'],
		['deb', 'LGPL-2.1', 'LGPL-2.1-only'],
		['deb', 'GPL-2+ or Artistic', 'GPL-2.0-or-later OR Artistic-1.0'],
		['deb', 'Expat', 'MIT'],
		['deb', 'BSD-3-clause', 'BSD-3-Clause'],
		['deb', 'GPL-3 with Bison exception', null],
		['deb', 'public-domain', null],
		['rpm', 'GPLv2+', 'GPL-2.0-or-later'],
		['rpm', 'LGPLv2+ and GPLv3', 'LGPL-2.0-or-later AND GPL-3.0-only'],
		['rpm', 'LicenseRef-Fedora-Public-Domain', 'LicenseRef-Fedora-Public-Domain'],
		['npm', 'DocumentRef-x:LicenseRef-y', null],
		['npm', '('.repeat(100_000), null],
		['npm', `MIT${' OR MIT'.repeat(100)}`, `MIT${' OR MIT'.repeat(100)}`],
	];
	for (const [type, text, expression] of cases) t.deepEqual(licencesOf([text], type), [expression === null ? {text} : {expression}]);
});

test('several licences all count, each once', (t) => {
	t.deepEqual(licencesOf(['GPL-2+', ' GPL-2.0-or-later ', '', 'x  y'], 'deb'), [{expression: 'GPL-2.0-or-later'}, {text: 'x y'}]);
	t.is(allOf(['MIT', 'GPL-2.0-only OR MIT']), 'MIT AND (GPL-2.0-only OR MIT)');
	t.is(allOf(['MIT']), 'MIT');
});
