import {copyDriver} from './copy-driver.ts';
import type {DriverKind} from './driver.ts';
import {fuseDriver} from './fuse-driver.ts';
import {memoryOverlayDriver, overlayDriver} from './overlay-driver.ts';

/** Every driver, the best first: the first that works on the store is used. */
export const drivers: readonly DriverKind[] = [overlayDriver, memoryOverlayDriver, fuseDriver, copyDriver];
