import {linkOwnerXattr, type OwnerMark, ownerXattr, parseOwnerMark, unpackLinkOwner} from '../core/owner-mark.ts';
import {getXattr} from './xattr.ts';

/** The mark of a file's owner, if it has one; of a symlink itself. */
export function readOwnerMark(path: Buffer, isPlain: boolean): OwnerMark | undefined {
	return isPlain ? parseOwnerMark(getXattr(path, ownerXattr)) : unpackLinkOwner(getXattr(path, linkOwnerXattr));
}
