/** Descriptor on which the program reports. */
export const statusDescriptor = 3;
/** Bytes of the report that the root is mounted: from then on the layers may be renamed. */
export const readySize = 1;
/** Bytes of the report, behind that, that the listener of the filter can be fetched; the program waits for as many. */
export const interceptedSize = 1;
/** Where the listener is. */
export const listenerDescriptor = 67;
/** Bytes of a report of success: wait status, padding, struct rusage (getrusage(2)). */
export const reportSize = 152;
