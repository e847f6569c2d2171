import {apkCataloger} from './apk.ts';
import type {Cataloger} from './cataloger.ts';
import {dpkgCataloger} from './dpkg/dpkg.ts';
import {goCataloger} from './go/go.ts';
import {npmCataloger} from './npm.ts';
import {pypiCataloger} from './pypi.ts';
import {rpmCataloger} from './rpm/rpm.ts';

/** Every ecosystem that is looked for. */
export const catalogers: readonly Cataloger[] = [dpkgCataloger, apkCataloger, rpmCataloger, npmCataloger, pypiCataloger, goCataloger];
