/**
 * Blobs on their way in from clients: files that grow request by request, outlive a restart, and
 * end as blobs of the content store or not at all. Which repository a blob then belongs to is
 * written down here; who may send it is not known.
 */
package io.gantry.image.distribution.upload;
